import FoundationEssentials
import Messages
import NIOCore
import Testing

@testable import Dropscribe

@Suite("The body of a request")
struct EndpointRequestTests {
  private func body(
    _ change: (inout Question) -> Void = { _ in },
    field: EndpointConfiguration.MaxTokensField = .maxTokens,
    shape: ChatRequest.AudioShape = .inputAudio,
    audio: [UInt8] = [1, 2, 3]
  ) throws -> String {
    var question = EndpointFixture.question(EndpointFixture.configuration(url: "http://localhost"))
    change(&question)
    let body = try ChatRequest(question: question, maxTokensField: field, shape: shape).body(audio: audio)
    let text = body.map { String(buffer: $0) }.joined()
    #expect(text.utf8.count == body.length)
    return text
  }

  @Test func `is the article's, and nothing more, when only a model is configured`() throws {
    let expected = """
      {"messages":[\
      {"content":"You are an AI assistant for translating and transcribing audio clips.","role":"system"},\
      {"content":[{"text":"Please translate this audio snippet to spanish.","type":"text"},\
      {"input_audio":{"data":"AQID","format":"wav"},"type":"input_audio"}],"role":"user"}],\
      "model":"Phi-4-multimodal-instruct"}
      """
    #expect(try body() == expected)
  }

  @Test func `holds what was configured, the token limit under its configured name`() throws {
    let text = try body(
      {
        $0.temperature = 0
        $0.maxTokens = 512
        $0.extra = ["top_p": .number(0.5)]
        $0.system = nil
        $0.model = nil
      },
      field: .maxCompletionTokens
    )
    let document = try JSONDecoder().decode([String: JSONValue].self, from: Data(text.utf8))
    #expect(Set(document.keys) == ["messages", "temperature", "max_completion_tokens", "top_p"])
    #expect(document["temperature"] == .integer(0))
    #expect(document["max_completion_tokens"] == .integer(512))
    #expect(document["top_p"] == .number(0.5))
  }

  @Test func `lets extra win over parameters but never over the messages`() throws {
    let text = try body {
      $0.temperature = 0
      $0.extra = ["temperature": .number(0.7), "messages": .string("mine")]
    }
    let document = try JSONDecoder().decode([String: JSONValue].self, from: Data(text.utf8))
    #expect(document["temperature"] == .number(0.7))
    guard case .array(let messages)? = document["messages"] else {
      Issue.record("no messages")
      return
    }
    #expect(messages.count == 2)
  }

  @Test func `puts the clip first, folds the system text, and uses a data URL when told to`() throws {
    let text = try body(
      {
        $0.audioFirst = true
        $0.foldSystem = true
        $0.system = "S"
        $0.instruction = "I"
      },
      shape: .audioURL
    )
    #expect(
      text.contains(
        #""messages":[{"content":[{"audio_url":{"url":"data:audio/wav;base64,AQID"},"type":"audio_url"},"#
          + #"{"text":"S\n\nI","type":"text"}],"role":"user"}]"#
      )
    )
  }

  @Test(arguments: [
    (ChatRequest.AudioShape.inputAudio, #""input_audio":{"data":"AQID","format":"mp3"}"#),
    (.audioURL, #""audio_url":{"url":"data:audio/mpeg;base64,AQID"}"#),
  ])
  func `names the encoding that the question says`(shape: ChatRequest.AudioShape, part: String) throws {
    let text = try body({ $0.clip.encoding = .mp3 }, shape: shape)
    #expect(text.contains(part), "\(text)")
    #expect(!text.contains("wav"))
  }

  @Test func `keeps an instruction that looks like the mark for the audio`() throws {
    let text = try body { $0.instruction = "say @audio-0@ and @audio-1@" }
    #expect(text.contains("say @audio-0@ and @audio-1@"))
    #expect(text.contains(#""data":"AQID""#))
  }

  @Test func `refuses a number that JSON cannot say`() {
    #expect(throws: (any Error).self) { try body { $0.extra = ["x": .number(.infinity)] } }
  }

  @Test func `is made in pieces that join to one base64, wherever the clip ends`() throws {
    let piece = RequestBody.bytesAPiece
    for count in [0, 1, piece - 1, piece, piece + 1, piece + 2, 3 * piece, 3 * piece + 100] {
      let wav = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
      let pieces = RequestBody(head: [UInt8(ascii: "<")], audio: wav, tail: [UInt8(ascii: ">")])
      let text = pieces.map { String(buffer: $0) }.joined()
      #expect(text == "<\(Data(wav).base64EncodedString())>")
      #expect(pieces.length == text.utf8.count)
      #expect(pieces.map(\.readableBytes).max() ?? 0 <= 2 + Base64.length(of: piece))
    }
  }

  @Test func `encodes base64 as Foundation does`() {
    var random = SeededGenerator(state: 1)
    let lengths = Array(0...200) + (0..<20).map { _ in Int.random(in: 200...70_000, using: &random) }
    for length in lengths {
      let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
      var target = [UInt8](repeating: 0, count: Base64.length(of: length) + 3)
      bytes.withUnsafeBytes { source in
        target.withUnsafeMutableBytes { target in
          #expect(Base64.encode(source, into: target) == target.count - 3)
        }
      }
      #expect(String(decoding: target.dropLast(3), as: UTF8.self) == Data(bytes).base64EncodedString())
      #expect(target.suffix(3) == [0, 0, 0], "wrote past its end at length \(length)")
    }
  }

  @Test func `of a probe is a sound WAV of about two seconds`() {
    let wav = ProbeSpeech.wav
    #expect(wav.starts(with: "RIFF".utf8))
    #expect(wav.count == 44 + 2 * (4800 + 2 * 10_183 + 8000))
    let samples = stride(from: 44, to: wav.count, by: 2).map {
      Int16(bitPattern: UInt16(wav[$0]) | UInt16(wav[$0 + 1]) << 8)
    }
    let loudest = samples.map { abs(Int($0)) }.max() ?? 0
    #expect((16_000...32_700).contains(loudest))
    #expect(samples.prefix(4800).allSatisfy { $0 == 0 })
  }
}
