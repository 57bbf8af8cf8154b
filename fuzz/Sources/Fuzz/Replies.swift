import FoundationEssentials

@testable import Dropscribe

/// What an endpoint answers, read in the daemon.
enum Replies {
  static let seeds = [
    #"{"model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"Hi."}}],"#
      + #""usage":{"prompt_tokens":12,"completion_tokens":3,"total_tokens":15,"#
      + #""prompt_tokens_details":{"audio_tokens":9}}}"#,
    #"{"choices":[{"finish_reason":"length","message":{"content":[{"type":"text","text":"a"},{"type":"refusal","#
      + #""refusal":"no"},"b"],"refusal":null},"error":{"code":502}}],"usage":{"prompt_tokens":"7","x":[1e400]}}"#,
    #"{"error":{"code":"content_filter","status":400,"type":"t","param":"messages[0]","message":"No \u0000.","#
      + #""innererror":{"code":"c"},"metadata":{"raw":"r","reasons":[]}}}"#,
    #"[{"error":{"code":429,"message":"slow down","details":[{"msg":"m"}]}}]"#,
    #"{"detail":[{"loc":["body","input_audio",0],"msg":"bad","input":"short"}]}"#,
    "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>",
  ].map { Array($0.utf8) }

  static func run(_ bytes: [UInt8]) -> Bool {
    switch ChatReply.read(bytes) {
    case .reply(let reply):
      // It goes into the journal and comes back.
      let stored = must { try JSONEncoder().encode(reply) }
      precondition(must { try JSONDecoder().decode(Reply.self, from: stored) } == reply)
      _ = PlainText.cleaned(reply.text)
    case .error(let document): _ = ErrorEnvelope(document).summary
    case .foreign, .malformed: break
    }
    let envelope = ErrorEnvelope(body: bytes)
    _ = (envelope.summary, envelope.words)
    return true
  }
}
