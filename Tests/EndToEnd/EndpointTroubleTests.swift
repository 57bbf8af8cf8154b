import Glibc
import NIOHTTP1
import Subprocess
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// What an endpoint does to a daemon, and what the daemon does about it.
@Suite(.timeLimit(.minutes(15))) struct EndpointTroubleTests {
  @Test func aBadKeyPausesTheEndpointUntilAReloadBringsAGoodOne() async throws {
    let (bad, good) = ("bad-key-5e7a1c90", "good-key-1f4b77d2")
    try await Workplace.with { place in
      try await ClockEndpoint.with { clip in
        if clip.authorization == "Bearer \(good)" { return nil }
        return ClockEndpoint.refusal(
          401,
          #"{"code":"invalid_api_key","message":"Incorrect API key: \#(bad)"}"#
        )
      } body: { endpoint in
        try place.write(bad, to: place.root.appending("key"))
        try place.configure(endpoint.url, endpoint: "key = { file = \"key\" }")
        for number in 0..<3 {
          try place.drop(SpeechClock.wav(number * 4..<number * 4 + 4), as: "\(number).wav")
        }
        try await place.daemon { daemon in
          try await daemon.says("the endpoint is paused")
          let status = try await place.status()
          #expect(status.endpoints.first?.state == "paused")
          #expect(status.endpoints.first?.reason?.contains("401") == true)
          // The first request goes alone: one refusal tells all.
          #expect(endpoint.clips.count == 1)

          try place.write(good, to: place.root.appending("key"))
          try await daemon.reload()
          for number in 0..<3 {
            let isComplete = try await place.completes("\(number).wav")
            #expect(isComplete)
          }
          #expect(endpoint.clips.count == 4)
          #expect(daemon.count("the endpoint is paused") == 1)
          daemon.signal(SIGTERM)
        }
        // A key travels in its header and stands nowhere else.
        for file in try place.allFiles() where file.lastComponent?.string != "key" {
          let text = String(decoding: place.bytes(file) ?? [], as: UTF8.self)
          #expect(!text.contains(good), "\(file)")
          #expect(!text.contains(bad), "\(file)")
        }
      }
    }
  }

  @Test func aTokenIsWaitedForRenewedAndStandsNowhere() async throws {
    let (secret, token) = ("client-secret-7c1e90ab", "eyJ0b2tlbg.5e7a1c90-number-")
    let isMended = Mutex(false)
    let count = Mutex(0)
    try await Workplace.with { place in
      try await StubServer.with { request in
        guard isMended.withLock({ $0 }) else {
          let echo = String(decoding: request.body, as: UTF8.self)
          return .json(
            #"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret. \#(echo)"}"#,
            status: .unauthorized
          )
        }
        let number = count.withLock { count in
          count += 1
          return count
        }
        return .json(#"{"access_token":"\#(token)\#(number)","expires_in":"3599"}"#)
      } body: { authority in
        try await ClockEndpoint.with { clip in
          if clip.authorization == "Bearer \(token)2" { return nil }
          return ClockEndpoint.refusal(401, #"{"message":"Bad: \#(clip.authorization ?? "none")"}"#)
        } body: { endpoint in
          try place.write(secret, to: place.root.appending("entra-secret"))
          try place.configure(
            endpoint.url,
            endpoint: """
              entra = { tenant = "t", client_id = "c", client_secret = { file = "entra-secret" }, \
              authority = "\(authority.url)" }
              """
          )
          try place.drop(SpeechClock.wav(0..<4), as: "a.wav")
          let check = try await place.dropscribe("check", "--online")
          #expect(check.status == .exited(78))
          #expect(check.output.contains("AADSTS7000215"), "\(check.output)")
          #expect(check.output.contains("must hold the secret's value"), "\(check.output)")
          #expect(!(check.output + check.error).contains(secret))
          try await place.daemon { daemon in
            try await daemon.says("the endpoint is paused")
            #expect(try await place.status().endpoints.first?.reason?.contains("AADSTS7000215") == true)
            #expect(endpoint.clips.isEmpty)
            isMended.withLock { $0 = true }
            let usage = try await place.finished("a.wav")
            #expect(usage.complete)
            // The first token is refused, and the second one taken.
            #expect(usage.tasks["transcript"]?.clips.first?.failedAttempts?.last?.status == 401)
            #expect(endpoint.clips.count == 2)
            #expect(count.withLock { $0 } == 2)
            daemon.signal(SIGTERM)
          }
          for file in try place.allFiles() where file.lastComponent?.string != "entra-secret" {
            let text = String(decoding: place.bytes(file) ?? [], as: UTF8.self)
            #expect(!text.contains(secret), "\(file)")
            #expect(!text.contains(token), "\(file)")
          }
        }
      }
    }
  }

  @Test func aRetryAfterIsObeyed() async throws {
    try await Workplace.with { place in
      let times = Mutex<[ContinuousClock.Instant]>([])
      try await ClockEndpoint.with { clip in
        times.withLock { $0.append(.now) }
        guard clip.index == 0 else { return nil }
        return ClockEndpoint.refusal(429, #"{"message":"Slow down."}"#, retryAfter: 2)
      } body: { endpoint in
        try place.configure(endpoint.url)
        try place.drop(SpeechClock.wav(0..<4), as: "a.wav")
        try await place.daemon { _ in
          let usage = try await place.finished("a.wav")
          #expect(usage.complete)
          let clip = try #require(usage.tasks["transcript"]?.clips.first)
          #expect(clip.attempts == 2)
          #expect(clip.failedAttempts?.map(\.status) == [429])
          let asked = times.withLock { $0 }
          #expect(asked.count == 2)
          #expect(asked[1] - asked[0] >= .seconds(2))
        }
      }
    }
  }

  @Test func anEndpointThatIsDownCostsNothingAndIsAskedOnceItIsUp() async throws {
    try await Workplace.with { place in
      let port = try ReservedPort()
      let number = port.number
      try place.configure("http://127.0.0.1:\(number)/v1")
      try place.drop(SpeechClock.wav(0..<4), as: "a.wav")
      let status = try await place.daemon { daemon in
        try await daemon.says("the endpoint is paused")
        daemon.signal(SIGTERM)
      }
      #expect(status == .exited(0))
      port.release()
      try await ClockEndpoint.with(port: number) { endpoint in
        try await place.daemon { _ in
          let usage = try await place.finished("a.wav")
          #expect(usage.complete)
          #expect(usage.totals.attempts.unknown == 0)
          #expect(usage.totals.attempts.answered == 1)
          #expect(endpoint.clips.count == 1)
          let outcomes = usage.tasks["transcript"]?.clips.first?.failedAttempts?.map(\.outcome) ?? []
          #expect(!outcomes.isEmpty)
          #expect(outcomes.allSatisfy { $0 == "unsent" })
        }
      }
    }
  }

  @Test func aRunningDaemonNoticesThatItsEndpointIsUpAgain() async throws {
    try await Workplace.with { place in
      let port = try ReservedPort()
      let number = port.number
      try place.configure("http://127.0.0.1:\(number)/v1")
      try place.drop(SpeechClock.wav(0..<4), as: "a.wav")
      let up = Gate()
      async let served: Void = {
        try await up.pass()
        try await ClockEndpoint.with(port: number) { _ in
          _ = try await place.finished("a.wav")
        }
      }()
      try await place.daemon { daemon in
        try await daemon.says("the endpoint is paused")
        port.release()
        up.open()
        let usage = try await place.finished("a.wav")
        #expect(usage.complete)
        #expect(usage.totals.attempts.unknown == 0)
      }
      try await served
    }
  }

  @Test func aConnectionThatBreaksAfterTheRequestIsCountedAsUnknown() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { clip in
        clip.index == 1 ? .init(body: .none(reset: true)) : nil
      } body: { endpoint in
        try place.configure(endpoint.url, endpoint: "concurrency = 1", "[clip]\nmax_seconds = 5")
        try place.drop(SpeechClock.wav(0..<20), as: "a.wav")
        try await place.daemon { _ in
          let usage = try await place.finished("a.wav")
          #expect(usage.complete)
          #expect(usage.totals.attempts.unknown == 1)
          #expect(usage.totals.attempts.total == endpoint.clips.count)
          #expect(place.text("a.wav.txt") == (0..<20).map(String.init).joined(separator: " ") + "\n")
        }
      }
    }
  }

  @Test func aClipWhoseRepliesNeverArriveIsAGapAfterThreeSends() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { clip in
        clip.seconds.contains { $0.number == 7 } ? .init(body: .none(reset: true)) : nil
      } body: { endpoint in
        try place.configure(endpoint.url, "[clip]\nmax_seconds = 5")
        try place.drop(SpeechClock.wav(0..<15), as: "a.wav")
        try await place.daemon { _ in
          let usage = try await place.finished("a.wav")
          #expect(!usage.complete)
          #expect(
            place.text("a.wav.txt")
              == "0 1 2 3 4\n\n[no transcript 0:04–0:10: no reply arrived]\n\n10 11 12 13 14\n"
          )
          #expect(endpoint.sendings[7] == 3)
          #expect(usage.totals.attempts.unknown == 3)
        }
      }
    }
  }
}
