import Messages

/// What `clips.json` says: the recording, its clips and silences, and how it ended.
struct ClipList {
  /// The recording's file name, for a person to recognise it by.
  let name: String
  /// The encoding of the clips' files, whose names are then listed; nil when there are none.
  let files: ClipEncoding?
  private var format: SliceFrame.Format?
  private var clips: [String] = []
  private var silences: [String] = []

  init(name: String, files: ClipEncoding?) {
    self.name = name
    self.files = files
  }

  /// How many clips there are so far.
  var count: Int { clips.count }

  /// The name of a clip's file; counting begins at 1, as people do.
  static func fileName(_ index: Int, _ encoding: ClipEncoding) -> String {
    let digits = String(index + 1)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + "\(digits).\(encoding.rawValue)"
  }

  mutating func add(_ frame: SliceFrame) {
    switch frame {
    case .format(let format): self.format = format
    case .clip(let clip): clips.append(line(clip))
    case .silence(let range, let channel): silences.append("{\(Self.channel(channel))\(Self.range(range))}")
    case .end: break
    }
  }

  private func line(_ clip: SliceFrame.Clip) -> String {
    let joint =
      switch clip.joint {
      case .pause: "pause"
      case .doubtful: "doubtful"
      case .end: "end"
      }
    let isFile = clip.equalChannel == nil
    let file = isFile ? files.map { "\"file\": \(Self.quoted(Self.fileName(clip.index, $0))), " } ?? "" : ""
    let equal = clip.equalChannel.map { "\"equal_channel\": \($0), " } ?? ""
    return
      "{\"index\": \(clip.index), \(Self.channel(clip.channel))\(equal)\(file)\(Self.range(clip.range)), \"joint\": \"\(joint)\", "
      + "\"level_dbfs\": \((clip.levelDBFS * 10).rounded() / 10), "
      + "\"speech\": [\(clip.speech.map(Self.pair).joined(separator: ", "))]}"
  }

  /// The list as JSON.
  func json(_ end: SliceFrame.End) -> String {
    let verdict =
      switch end.verdict {
      case .whole: "whole"
      case .damaged: "damaged"
      case .unreadable: "unreadable"
      case .limit: "limit"
      case .decoderMissing: "decoder-missing"
      }
    let facts =
      format.map {
        ", \"format\": \(Self.quoted($0.name)), \"sample_rate\": \($0.sampleRate), \"channels\": \($0.channels), "
          + "\"declared_frames\": \($0.declaredFrames.map(String.init) ?? "null")"
      } ?? ""
    return """
      {
        "schema": 1,
        "source": {"name": \(Self.quoted(name))\(facts)},
        "clips": [\(Self.lines(clips))],
        "silences": [\(Self.lines(silences))],
        "verdict": "\(verdict)",
        "reason": \(Self.quoted(end.reason)),
        "frames_read": \(end.framesRead),
        "seconds": \(ClipRange(start: 0, end: max(0, end.length)).seconds)
      }
      """
  }

  private static func lines(_ items: [String]) -> String {
    items.isEmpty ? "" : "\n    \(items.joined(separator: ",\n    "))\n  "
  }

  private static func channel(_ channel: Int?) -> String { channel.map { "\"channel\": \($0), " } ?? "" }

  private static func range(_ range: ClipRange) -> String {
    "\"start\": \(range.startSeconds), \"end\": \(range.endSeconds), "
      + "\"start_frame\": \(range.start), \"end_frame\": \(range.end)"
  }

  private static func pair(_ range: ClipRange) -> String { "[\(range.startSeconds), \(range.endSeconds)]" }

  private static func quoted(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar in
      switch scalar {
      case "\"": "\\\""
      case "\\": "\\\\"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      default: String(scalar)
      }
    }
    return "\"\(escaped.joined())\""
  }
}
