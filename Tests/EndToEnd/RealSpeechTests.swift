import FoundationEssentials
import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// The main job with real speech and the offline endpoint, no stub. `script/test` starts the endpoint and says by
/// environment variables where it is; without them these tests fail, so that they are never left out unnoticed.
@Suite(.serialized, .timeLimit(.minutes(15))) struct RealSpeechTests {
  /// The opening of "A Tale of Two Cities" by Charles Dickens, which `two_cities.wav` is a reading of.
  private static let twoCities = """
    It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness,
    it was the epoch of belief, it was the epoch of incredulity, it was the season of Light, it was the season of
    Darkness, it was the spring of hope, it was the winter of despair, we had everything before us, we had nothing
    before us, we were all going direct to Heaven, we were all going direct the other way – in short, the period was so
    far like the present period, that some of its noisiest authorities insisted on its being received, for good or for
    evil, in the superlative degree of comparison only.
    """

  @Test(arguments: ["wav", "mp3"])
  func aReadingIsTranscribedAndItsTokensAreThoseThatTheEndpointCounted(_ encoding: String) async throws {
    let source = FilePath(try Self.variable("DROPSCRIBE_SPEECH")).appending("two_cities.wav")
    try await Workplace.with { place in
      try place.configure(
        try Self.variable("DROPSCRIBE_LOCAL_ENDPOINT") + "/v1",
        "[clip]\nencoding = \"\(encoding)\""
      )
      let reading = try #require(place.bytes(source))
      let before = try Self.logged(place).count
      try await place.daemon { daemon in
        try place.drop(reading, as: "two_cities.wav")
        let usage = try await place.finished("two_cities.wav")
        #expect(usage.complete, "\(daemon.log)")
        let text = try #require(place.text("two_cities.wav.txt"))
        let rate = Self.wordErrorRate(said: Self.twoCities, heard: text)
        #expect(rate <= 0.05, "\(rate): \(text)")

        let lines = try Self.logged(place).dropFirst(before)
        #expect(lines.count == usage.tasks["transcript"]?.clips.count)
        #expect(usage.totals.tokens.prompt == lines.map(\.promptTokens).reduce(0, +))
        #expect(usage.totals.tokens.completion == lines.map(\.completionTokens).reduce(0, +))
        #expect(usage.totals.tokens.total == lines.map(\.totalTokens).reduce(0, +))
        #expect(usage.totals.tokens.completion > 100)
      }
    }
  }

  @Test func aQuestionIsTranslatedToSpanish() async throws {
    try await Workplace.with { place in
      try place.configure(
        try Self.variable("DROPSCRIBE_LOCAL_ENDPOINT") + "/v1",
        folder: "tasks = [\"spanish\"]",
        """
        [task.spanish]
        instruction = "Please translate this audio snippet to Spanish."
        system = "You are an AI assistant for translating and transcribing audio clips."
        suffix = ".es"
        """
      )
      try await place.prepare("espeak-ng", "-w", "hello.wav", "Hello. How are you?")
      try await place.daemon { daemon in
        try place.move(place.root.appending("hello.wav"), to: place.inbox.appending("hello.wav"))
        let isComplete = try await place.completes("hello.wav")
        #expect(isComplete, "\(daemon.log)")
        #expect(place.text("hello.wav.es.txt")?.lowercased().contains("hola") == true)
      }
    }
  }

  @Test func aCallWithTwoVoicesIsWrittenAsAConversation() async throws {
    try await Workplace.with { place in
      try place.configure(
        try Self.variable("DROPSCRIBE_LOCAL_ENDPOINT") + "/v1",
        "[clip]\nchannels = \"split\"\nchannel_labels = [\"Agent\", \"Customer\"]"
      )
      let (question, answer) = ("Good morning. How can I help you?", "My parcel has not arrived yet.")
      try await place.prepare("espeak-ng", "-v", "en-us+m3", "-s", "140", "-w", "a.wav", question)
      try await place.prepare("flite", "-voice", "slt", "-t", answer, "-o", "b.wav")
      try await place.prepare("sox", "b.wav", "-r", "22050", "c.wav", "pad", "5")
      try await place.prepare("sox", "-M", "a.wav", "c.wav", "call.wav")
      try await place.daemon { daemon in
        try place.move(place.root.appending("call.wav"), to: place.inbox.appending("call.wav"))
        let isComplete = try await place.completes("call.wav")
        #expect(isComplete, "\(daemon.log)")
        let turns = (place.text("call.wav.txt") ?? "").split(separator: "\n\n").map(String.init)
        #expect(turns.count == 2 && turns[0].hasPrefix("Agent: ") && turns[1].hasPrefix("Customer: "))
        #expect(
          turns.first?.contains("help you") == true && turns.last?.contains("parcel") == true,
          "\(turns)"
        )
      }
    }
  }

  private static func variable(_ name: String) throws -> String {
    try #require(ProcessInfo.processInfo.environment[name], "\(name) is not set; run script/test")
  }

  /// One answer, as the endpoint's usage log has it.
  private struct Line: Decodable {
    var promptTokens: Int
    var completionTokens: Int
    var totalTokens: Int
  }

  private static func logged(_ place: Workplace) throws -> [Line] {
    let path = FilePath(try variable("DROPSCRIBE_LOCAL_USAGE_LOG"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try (place.bytes(path) ?? []).split(separator: UInt8(ascii: "\n"))
      .map { try decoder.decode(Line.self, from: Data($0)) }
  }

  /// Words wrong, missing or too many, as a part of those that were said.
  private static func wordErrorRate(said: String, heard: String) -> Double {
    let (said, heard) = (words(said), words(heard))
    var row = Array(0...heard.count)
    for (line, word) in said.enumerated() {
      var diagonal = row[0]
      row[0] = line + 1
      for (column, other) in heard.enumerated() {
        let best = min(row[column + 1] + 1, row[column] + 1, diagonal + (word == other ? 0 : 1))
        diagonal = row[column + 1]
        row[column + 1] = best
      }
    }
    return Double(row[heard.count]) / Double(said.count)
  }

  private static func words(_ text: String) -> [String] {
    text.lowercased().replacing("’", with: "'").split { !$0.isLetter && !$0.isNumber && $0 != "'" }
      .map(String.init)
  }
}
