internal import Crypto
import FoundationEssentials

/// What a job asks of each of its clips, and how the clips are cut: everything that decides the answer. It is
/// stored whole with the job, so that a reload or a restart never changes a job that has bought something.
///
/// Keys, headers, names, prices, pace and the shape of the audio part are not in it: they may change freely.
struct Question: Codable, Hashable, Sendable {
  /// The endpoint's name in the configuration: how the job finds its way. Not part of ``digest``.
  var endpoint: String
  /// The address, its query left out.
  var address: String
  var model: String?
  var instruction: String
  var system: String?
  var foldSystem: Bool
  var audioFirst: Bool
  var temperature: Double?
  var maxTokens: Int?
  var extra: [String: JSONValue]
  var clip: ClipSettings

  init(task: TaskConfiguration, endpoint: EndpointConfiguration) {
    self.endpoint = endpoint.name
    address = Self.address(of: endpoint.url)
    model = task.model ?? endpoint.model
    instruction = task.instruction
    system = task.system
    foldSystem = endpoint.foldSystem ?? ModelHabits.foldsSystem(model: model)
    audioFirst = endpoint.audioFirst
    temperature = task.temperature ?? endpoint.temperature
    maxTokens = task.maxTokens ?? endpoint.maxTokens
    extra = endpoint.extra
    clip = task.clip
  }

  /// An endpoint's address without its query.
  static func address(of url: String) -> String { String(url.prefix { $0 != "?" && $0 != "#" }) }

  /// The digest under which a reply to this question about `audio` is kept, as lower-case hex: equal digests
  /// mean that the same bytes would be asked the same thing.
  func digest(audio: [UInt8]) -> String {
    var same = self
    same.endpoint = ""
    same.clip = ClipSettings()
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    var hash = SHA256()
    // The only value that JSON cannot encode is a number that is not finite; the configuration refuses those.
    hash.update(data: (try? encoder.encode(same)) ?? Data())
    hash.update(data: audio)
    return hash.finalize().hex
  }
}

extension Digest {
  /// Lower-case hex.
  var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
      as: UTF8.self
    )
  }
}
