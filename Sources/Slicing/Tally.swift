import Messages

/// What was read of a recording so far, and what was wrong with it.
struct Tally {
  /// What is wrong, for a person, in the order in which it was found.
  var faults: [String] = []
  /// Samples that were no numbers.
  var notNumbers = 0
  /// Whether reading stopped at the limit.
  var isTooLong = false
  /// Seconds read.
  private(set) var seconds = 0.0

  private var parts = 0
  private var frames: Int64 = 0
  /// Frames read since the sample rate changed last, at that rate; and frames of 16 kHz before.
  private var run: (frames: Int64, rate: Int) = (0, ClipRange.sampleRate)
  private var before: Int64 = 0

  /// How long it is, in frames of 16 kHz.
  var length: Int64 {
    before
      + Int64((Double(run.frames) * Double(ClipRange.sampleRate) / Double(run.rate)).rounded())
  }

  /// The sample rate changes; so many frames of 16 kHz have come of what was before.
  mutating func changeRate(heard: Int64) {
    before = heard
    run.frames = 0
  }

  /// Counts a part that was read.
  mutating func add(_ part: FilePart, read: Int64, _ sound: borrowing SoundFile) {
    let rate = Double(sound.sampleRate)
    let here = Double(read) / rate
    let start = parts == 0 ? "" : "from \(Words.seconds(seconds)) on: "
    if let failure = sound.failure {
      faults.append("\(start)the decoder found damage and went on as it could: \(failure)")
    }
    run = (run.frames + read, sound.sampleRate)
    frames += read
    seconds += here
    parts += 1
    guard !isTooLong, read > 0 else { return }
    if part.isUnfinished {
      faults.append(
        "\(start)its header was never finished; \(Words.seconds(here)) of audio were found behind it"
      )
    } else if let declared = sound.declaredFrames, part.missing > 0 || declared != read {
      let promised = Double(declared) / rate / (1 - part.missing)
      faults.append(
        "\(start)its header declares \(Words.seconds(promised)), \(Words.seconds(here)) are there"
      )
    } else if part.missing > 0 {
      faults.append("\(start)it is cut off: \(Words.percent(part.missing)) of its audio is missing")
    }
    faults += part.faults.map { "\(start)it \($0)" }
  }

  /// How it ended. `format` is that of the first part.
  func end(_ format: SliceFrame.Format, _ request: SliceRequest) -> SliceFrame.End {
    // Parts of another rate count by their time.
    let isUniform = Double(frames) / Double(format.sampleRate) == seconds
    let read = isUniform ? frames : Int64((seconds * Double(format.sampleRate)).rounded())
    func end(_ verdict: SliceFrame.End.Verdict, _ reason: String) -> SliceFrame.End {
      SliceFrame.End(verdict: verdict, reason: reason, framesRead: read, length: length)
    }
    if isTooLong {
      return end(
        .limit,
        "it is longer than \(Words.seconds(request.longestSeconds)), the most that is decoded of one recording"
      )
    }
    if read == 0 {
      return end(.unreadable, faults.first ?? "nothing in it can be decoded: it holds no audio")
    }
    var faults = faults
    if notNumbers > 0 {
      faults.append("\(notNumbers) of its samples are not numbers and were taken as silence")
    }
    if let beyond = request.pinned.map(\.range.end).max(), beyond > length {
      faults.append(
        "clips cut before reach to \(Words.seconds(ClipRange(start: 0, end: beyond).seconds)), beyond its end"
      )
    }
    return end(faults.isEmpty ? .whole : .damaged, faults.joined(separator: "; "))
  }
}
