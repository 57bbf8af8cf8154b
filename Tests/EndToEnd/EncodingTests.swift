import FoundationEssentials
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// `encoding = "mp3"`: what is in the request, heard again.
@Suite(.timeLimit(.minutes(15))) struct EncodingTests {
  @Test func clipsTravelAsMP3ThatHoldsWhatWasSaid() async throws {
    try await Workplace.with { place in
      try await StubServer.with { _ in
        .completion("words")
      } body: { server in
        try place.configure(server.url + "/v1", "[clip]\nmax_seconds = 10\nencoding = \"mp3\"")
        try place.drop(SpeechClock.wav(40..<64), as: "a.wav")
        let ended = try await place.dropscribe("run", "--once")
        #expect(ended.status == .exited(0), "\(ended.error)")
        let usage = try place.usage("a.wav")
        #expect(usage?.complete == true)
        var heard: [Int] = []
        for (index, request) in server.requests.enumerated() {
          let audio = try #require(try Self.audio(of: request))
          #expect(audio.format == "mp3")
          let bytes = try #require(Data(base64Encoded: audio.data))
          #expect(bytes.count < 64_000)
          heard += try await Self.seconds([UInt8](bytes), place, "\(index)")
        }
        #expect(server.requests.count >= 3)
        #expect(heard.sorted() == Array(40..<64))
      }
    }
  }

  private struct Audio: Decodable {
    var data: String
    var format: String
  }

  private static func audio(of request: StubServer.Request) throws -> Audio? {
    struct Body: Decodable { var messages: [Message] }
    struct Message: Decodable { var content: [Part] }
    struct Part: Decodable { var input_audio: Audio? }
    let body = try JSONDecoder().decode(Body.self, from: Data(request.body))
    return body.messages.last?.content.compactMap(\.input_audio).first
  }

  /// The seconds that sound in an MP3.
  private static func seconds(_ mp3: [UInt8], _ place: Workplace, _ name: String) async throws -> [Int] {
    try place.write(mp3, to: place.root.appending("\(name).mp3"))
    let bare = ["-map_metadata", "-1", "-fflags", "+bitexact", "\(name)-heard.wav"]
    let ended = try await place.run("ffmpeg", ["-v", "error", "-i", "\(name).mp3"] + bare)
    #expect(ended.status.isSuccess, "\(ended.error)")
    let wav = try #require(place.bytes(place.root.appending("\(name)-heard.wav")))
    let seconds = try SpeechClock.read(wav)
    #expect(seconds.filter { !$0.isWhole } == [])
    return seconds.map(\.number)
  }
}
