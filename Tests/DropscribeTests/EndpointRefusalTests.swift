import FoundationEssentials
import NIOHTTP1
import Testing

@testable import Dropscribe

@Suite("Reading a refusal")
struct EndpointRefusalTests {
  private func read(_ status: Int, _ body: String, headers: HTTPHeaders = [:]) -> Refusal {
    RefusalReader(redaction: Redaction(secrets: [EndpointFixture.key]))
      .read(
        status: status,
        headers: headers,
        body: Array(body.utf8),
        now: Date(timeIntervalSince1970: 784_111_777)
      )
  }

  private static let html =
    "<!DOCTYPE html><html><head><TITLE>502 Bad\nGateway</TITLE></head><body>x</body></html>"

  @Test(
    "contracts 5, 6, 8 and 11: tells each kind of envelope apart and keeps its words",
    arguments: [
      // OpenAI
      (
        401,
        #"{"error":{"message":"No key","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#,
        .unauthorised, "invalid_api_key: No key"
      ),
      (
        429, #"{"error":{"message":"You ran out","type":"insufficient_quota","param":null,"code":null}}"#,
        .unpaid, "insufficient_quota: You ran out"
      ),
      (
        429, #"{"error":{"message":"Slow down","type":"requests","code":"rate_limit_exceeded"}}"#,
        .transient, "rate_limit_exceeded: Slow down"
      ),
      (404, #"{"error":{"message":"no such model","code":404}}"#, .permanent, "no such model"),
      (400, #"{"error":"plain words"}"#, .permanent, "plain words"),
      // Azure, four shapes of one outcome
      (
        400, #"{"error":{"code":"content_filter","message":"Filtered.","status":400}}"#,
        .contentFilter, "content_filter: Filtered."
      ),
      (
        400, #"{"code":"content_filter","message":"Filtered.","status":400}"#,
        .contentFilter, "content_filter: Filtered."
      ),
      (
        400, #"{"error":{"code":"x","message":"F","innererror":{"code":"ResponsibleAIPolicyViolation"}}}"#,
        .contentFilter, "x: F"
      ),
      (
        403,
        #"{"error":{"code":403,"message":"flagged","metadata":{"reasons":["violence"],"flagged_input":"q"}}}"#,
        .contentFilter, "flagged"
      ),
      (
        422,
        #"{"status":422,"code":"parameter_not_supported","detail":{"loc":["body","seed"],"input":1},"message":"Not supported"}"#,
        .permanent, "parameter_not_supported: Not supported: body.seed"
      ),
      (
        422,
        #"{"status":422,"code":"parameter_not_supported","detail":[{"loc":["body","seed"],"msg":"extra"}],"message":"No"}"#,
        .permanent, "parameter_not_supported: No: body.seed: extra"
      ),
      (
        422, #"{"error":{"code":"Invalid input","status":422,"message":"invalid input error","details":[]}}"#,
        .audioPart, "Invalid input: invalid input error"
      ),
      (
        422,
        #"{"detail":[{"type":"literal_error","loc":["body","messages",1,"content",1,"type"],"msg":"bad","input":"input_audio"}]}"#,
        .audioPart, "body.messages.1.content.1.type: bad: got input_audio"
      ),
      (
        400, #"{"error":{"message":"Unknown part type: input_audio"}}"#, .audioPart,
        "Unknown part type: input_audio"
      ),
      (
        400, #"{"error":{"message":"no","param":"messages.[1].content.[1].type"}}"#, .audioPart,
        "messages.[1].content"
      ),
      // Gemini
      (
        400, #"[{"error":{"code":400,"message":"Bad field","status":"INVALID_ARGUMENT"}}]"#,
        .permanent, "INVALID_ARGUMENT: Bad field"
      ),
      (
        503, #"[{"error":{"code":503,"message":"Overloaded","status":"UNAVAILABLE"}}]"#, .transient,
        "Overloaded"
      ),
      (
        400,
        #"[{"error":{"code":400,"message":"Bad key.","details":[{"reason":"API_KEY_INVALID"}]}}]"#,
        .unauthorised, "Bad key."
      ),
      // Mistral
      (
        422,
        #"{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","max_completion_tokens"],"msg":"Extra inputs"}]}}"#,
        .permanent, "body.max_completion_tokens: Extra inputs"
      ),
      (
        422, #"{"object":"error","message":[{"loc":["body","seed"],"msg":"Extra"}]}"#, .permanent,
        "body.seed: Extra"
      ),
      (
        422, #"{"object":"error","message":"just words","type":"invalid"}"#, .permanent, "invalid: just words"
      ),
      // llama-server
      (
        503, #"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#, .transient,
        "Loading model"
      ),
      (
        500, #"{"error":{"code":500,"message":"audio input is not supported - hint: mmproj"}}"#,
        .permanent, "audio input is not supported - hint: mmproj; llama-server needs a model that hears"
      ),
      (500, #"{"error":{"code":500,"message":"it broke"}}"#, .transient, "it broke"),
      // vLLM
      (
        400, #"{"object":"error","message":"At most 0 audio(s) may be provided in one prompt.","code":400}"#,
        .permanent, "the model that vLLM serves takes no audio"
      ),
      (
        500, #"{"error":{"message":"Please install vllm[audio] for audio support","code":500}}"#,
        .permanent, "without its audio part"
      ),
      // OpenRouter
      (
        404, #"{"error":{"message":"No endpoints found that support input audio","code":404}}"#,
        .permanent, "choose a model"
      ),
      (402, #"{"error":{"code":402,"message":"Insufficient credits"}}"#, .unpaid, "Insufficient credits"),
      // Proxies
      (
        413, "<html><body><h1>413 Request Entity Too Large</h1></body></html>", .tooLarge,
        "413 Request Entity Too Large"
      ),
      (502, html, .transient, "502 Bad Gateway"),
      (413, "", .tooLarge, "Payload Too Large"),
      (504, "", .transient, "Gateway Timeout"),
      (529, "overloaded", .transient, "overloaded"),
      (501, "", .permanent, "Not Implemented"),
      (405, #"{"detail":"Method Not Allowed"}"#, .permanent, "Method Not Allowed"),
      (400, "[[[[[[[[[[[[[[", .permanent, "[[["),
    ] as [(Int, String, Refusal.Kind, String)]
  )
  func envelopes(status: Int, body: String, kind: Refusal.Kind, words: String) {
    let refusal = read(status, body)
    #expect(refusal.kind == kind, "\(refusal.message)")
    #expect(refusal.status == status)
    #expect(refusal.message.contains(words), "\(refusal.message)")
  }

  @Test func `contract 10: reads an error under a success status by the status in its body`() {
    let reader = RefusalReader(redaction: Redaction())
    let document = JSONValue.object(["error": .object(["code": .integer(429), "message": .string("later")])])
    let refusal = reader.read(document, status: 200, headers: [:], now: Date())
    #expect(refusal.kind == .transient)
    #expect(refusal.status == 200)
  }

  @Test(
    "contract 7: waits as long as each header says",
    arguments: [
      (["retry-after-ms": "1500"], .milliseconds(1500)),
      (["x-ms-retry-after-ms": "250", "retry-after": "9"], .milliseconds(250)),
      (["retry-after-ms": "100", "x-ms-retry-after-ms": "250"], .milliseconds(100)),
      (["Retry-After": "600"], .seconds(600)),
      (["retry-after": " 0.5 "], .milliseconds(500)),
      (["retry-after": "-3"], .zero),
      (["retry-after": "99999999999999999999"], .seconds(86_400)),
      (["retry-after": "Sun, 06 Nov 1994 08:50:07 GMT"], .seconds(30)),
      (["retry-after": "Sunday, 06-Nov-94 08:50:07 GMT"], .seconds(30)),
      (["retry-after": "Sun Nov  6 08:50:07 1994"], .seconds(30)),
      (["retry-after": "Sun, 06 Nov 1994 08:00:00 GMT"], .zero),
      // The server's own clock is an hour ahead of ours.
      (
        ["retry-after": "Sun, 06 Nov 1994 09:50:07 GMT", "date": "Sun, 06 Nov 1994 09:50:00 GMT"],
        .seconds(7)
      ),
      (["retry-after": "soon"], nil),
      (["retry-after": "nan"], nil),
      (["retry-after": "Sun, 99 Nov 1994 08:50:07 GMT"], nil),
      (["x-ratelimit-remaining-requests": "-1"], nil),
    ] as [([String: String], Duration?)]
  )
  func waits(headers: [String: String], wait: Duration?) {
    let refusal = read(429, "{}", headers: HTTPHeaders(headers.map { ($0.key, $0.value) }))
    #expect(refusal.kind == .transient)
    #expect(refusal.retryAfter == wait)
  }

  @Test func `lets x-should-retry win over the status, but not over key, money and filter`() {
    #expect(read(404, "{}", headers: ["x-should-retry": "true"]).kind == .transient)
    #expect(read(503, "{}", headers: ["x-should-retry": "false"]).kind == .permanent)
    #expect(read(401, "{}", headers: ["x-should-retry": "true"]).kind == .unauthorised)
    #expect(
      read(400, #"{"code":"content_filter"}"#, headers: ["x-should-retry": "true"]).kind == .contentFilter
    )
  }

  @Test func `says where a redirect pointed, without its query`() {
    let refusal = read(
      307,
      "moved",
      headers: ["location": "https://elsewhere.example/v1?sig=\(EndpointFixture.key)"]
    )
    #expect(refusal.kind == .permanent)
    #expect(refusal.message.contains("https://elsewhere.example/v1:"))
    #expect(!refusal.message.contains("sig"))
    #expect(read(302, "").message.contains("does not say where"))
  }

  @Test func `contract 11: never shows the key, the audio or a terminal's control characters`() {
    let key = EndpointFixture.key
    let audio = Data(EndpointFixture.wav).base64EncodedString()
    let wav = Data("RIFF....WAVEfmt ".utf8).base64EncodedString()
    let bodies = [
      #"{"error":{"message":"Incorrect API key provided: \#(key)."}}"#,
      #"{"error":{"message":"Incorrect API key provided: \#(key.prefix(4))********\#(key.suffix(4))."}}"#,
      #"{"error":{"message":"part of it: \#(key.dropFirst(5).prefix(12))"}}"#,
      #"{"error":{"message":"bad audio data:audio/wav;base64,\#(audio)"}}"#,
      #"{"detail":[{"loc":["body"],"msg":"m","input":"\#(audio)"}]}"#,
      #"{"error":{"message":"input_value='\#(wav.prefix(20))...'"}}"#,
      "<html>\(audio) \(key)</html>", audio, key, "Bearer \(key)",
      "\"\u{1B}[31mred\u{7}\u{202E}\r\nline\"",
    ]
    for body in bodies {
      let message = read(400, body).message
      #expect(!message.contains(key.suffix(4)) && !message.contains(key.dropFirst(5).prefix(8)), "\(message)")
      #expect(!message.contains(audio.prefix(24)) && !message.contains(wav.prefix(12)), "\(message)")
      #expect(message.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0 != "\u{202E}" && $0.value != 0x7F })
      #expect(message.count <= 300 && !message.isEmpty)
    }
  }

  @Test func `shortens long words and keeps ordinary ones whole`() {
    let redaction = Redaction(secrets: [EndpointFixture.key])
    let words =
      "The id 123e4567-e89b-12d3-a456-426614174000 at https://platform.openai.com/docs/guides/error-codes."
    #expect(redaction.clean(words) == words)
    #expect(redaction.clean(String(repeating: "word ", count: 1000)).count == 300)
    #expect(redaction.clean("") == "")
    #expect(Redaction(secrets: ["", "abc"]).clean("xabcx fine") == "[redacted] fine")
  }
}
