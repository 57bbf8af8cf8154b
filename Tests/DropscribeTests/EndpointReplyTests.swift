import Testing

@testable import Dropscribe

@Suite("Reading a reply")
struct EndpointReplyTests {
  private func read(_ text: String) -> ChatReply.Reading { ChatReply.read(Array(text.utf8)) }

  private func reply(_ text: String) throws -> Reply {
    guard case .reply(let reply) = read(text) else {
      throw Unexpected(reading: "\(read(text))")
    }
    return reply
  }

  private struct Unexpected: Error { var reading: String }

  @Test func `takes text, model, finish reason and usage from the article's reply`() throws {
    let reply = try reply(
      """
      {"id":"0a1b","object":"chat.completion","created":1718727522,"model":"Phi-4-multimodal-instruct",
       "choices":[{"index":0,"message":{"role":"assistant","content":" Hola. ¿Cómo estás?\\n","tool_calls":null},
       "finish_reason":"stop","logprobs":null}],
       "usage":{"prompt_tokens":77,"total_tokens":84,"completion_tokens":7}}
      """
    )
    #expect(reply.text == "Hola. ¿Cómo estás?")
    #expect(reply.model == "Phi-4-multimodal-instruct")
    #expect(reply.finishReason == "stop")
    #expect(reply.refusal == nil)
    #expect(reply.usage == Usage(promptTokens: 77, completionTokens: 7, totalTokens: 84))
  }

  @Test func `contract 10: joins the text parts of a list and leaves reasoning out`() throws {
    let reply = try reply(
      """
      {"choices":[{"message":{"content":[{"type":"thinking","text":"hm"},{"type":"text","text":"one "},
      {"type":"text","text":"two"},{"type":"image_url","image_url":{}},7],"reasoning_content":"never this"}}]}
      """
    )
    #expect(reply.text == "one two")
    #expect(reply.finishReason == nil)
    #expect(reply.usage == nil)
  }

  @Test(arguments: [
    #"{"choices":[{"message":{"content":null},"finish_reason":"content_filter"}]}"#,
    #"{"choices":[{"message":{},"finish_reason":"content_filter"}]}"#,
    #"{"choices":[{"finish_reason":"content_filter"}]}"#,
    #"{"choices":[{"message":{"content":[]},"finish_reason":"content_filter"}],"usage":null}"#,
    #"{"choices":[{"message":{"content":42},"finish_reason":"content_filter"}],"error":null}"#,
  ])
  func `contract 10: without text is an empty reply with its reason`(body: String) throws {
    let reply = try reply(body)
    #expect(reply.text.isEmpty)
    #expect(reply.finishReason == "content_filter")
  }

  @Test func `without choices in the list is an empty reply`() throws {
    #expect(try reply(#"{"choices":[],"usage":{"prompt_tokens":3}}"#).usage?.promptTokens == 3)
  }

  @Test(arguments: [
    #"{"choices":[{"message":{"content":null,"refusal":"I cannot."}}]}"#,
    #"{"choices":[{"message":{"content":[{"type":"refusal","refusal":"I cannot."}]}}]}"#,
  ])
  func `keeps a refusal apart from the text`(body: String) throws {
    let reply = try reply(body)
    #expect(reply.refusal == "I cannot.")
    #expect(reply.text.isEmpty)
  }

  @Test func `contract 10: keeps unknown finish reasons as they are`() throws {
    #expect(
      try reply(#"{"choices":[{"message":{"content":"a"},"finish_reason":"eos"}]}"#).finishReason == "eos"
    )
  }

  @Test func `keeps every detail of usage and finds audio tokens`() throws {
    let usage = try reply(
      """
      {"choices":[{"message":{"content":"a"}}],"usage":{"prompt_tokens":10.0,"completion_tokens":"4",
      "prompt_tokens_details":{"audio_tokens":6,"cached_tokens":0},"prompt_audio_seconds":3.5,"other":null}}
      """
    ).usage
    #expect(usage?.promptTokens == 10)
    #expect(usage?.completionTokens == 4)
    #expect(usage?.totalTokens == 14)
    #expect(usage?.audioTokens == 6)
    #expect(usage?.details["prompt_audio_seconds"] == .number(3.5))
    #expect(
      usage?.details["prompt_tokens_details"]
        == .object(["audio_tokens": .integer(6), "cached_tokens": .integer(0)])
    )
    #expect(usage?.details["other"] == nil)
  }

  @Test func `takes token counts that no reply can have for none`() throws {
    let usage = try reply(
      #"{"choices":[],"usage":{"prompt_tokens":-5,"completion_tokens":1e300,"total_tokens":"many"}}"#
    ).usage
    #expect(usage == Usage(promptTokens: 0, completionTokens: 0, totalTokens: 0))
  }

  @Test func `survives a byte that is not UTF-8`() throws {
    var bytes = Array(#"{"choices":[{"message":{"content":"caf?"}}]}"#.utf8)
    let place = try #require(bytes.firstIndex(of: UInt8(ascii: "?")))
    bytes[place] = 0xE9
    guard case .reply(let reply) = ChatReply.read(bytes) else {
      Issue.record("not read")
      return
    }
    #expect(reply.text == "caf\u{FFFD}")
  }

  @Test(arguments: [
    #"{"error":{"code":502,"message":"Provider returned error"}}"#,
    #"{"error":"boom","choices":[]}"#,
    #"[{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT"}}]"#,
    #"{"choices":[{"error":{"code":502,"message":"gone"},"finish_reason":"error","message":{"content":""}}]}"#,
  ])
  func `contract 10: sees an error under a success status`(body: String) {
    guard case .error = read(body) else {
      Issue.record("\(read(body))")
      return
    }
  }

  @Test(arguments: [#"{"status":"ok"}"#, "[]", "3", "\"hello\"", "null"])
  func `tells sound JSON of another kind`(body: String) {
    guard case .foreign = read(body) else {
      Issue.record("\(read(body))")
      return
    }
  }

  @Test(arguments: [
    "", "<html>login</html>", #"{"choices":[{"message":{"content":"cut"#, "data: {}",
    String(repeating: "[", count: 100_000),
    #"{"choices":"# + String(repeating: "[", count: 200) + String(repeating: "]", count: 200) + "}",
  ])
  func `calls what is no sound JSON malformed`(body: String) {
    guard case .malformed = read(body) else {
      Issue.record("\(read(body))")
      return
    }
  }

  @Test func `never traps, whatever bytes come`() {
    let whole = Array(
      #"{"choices":[{"message":{"content":[{"type":"text","text":"é"}]}}],"usage":{"prompt_tokens":1}}"#.utf8
    )
    var random = SeededGenerator(state: 7)
    for _ in 0..<3000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        bytes[place] = UInt8.random(in: 0...255, using: &random)
      }
      if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0...bytes.count, using: &random)) }
      _ = ChatReply.read(bytes)
      _ = ErrorEnvelope(body: bytes).summary
    }
  }
}
