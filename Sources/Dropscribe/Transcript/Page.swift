import Messages

/// The paragraphs of a transcript while they are put together.
struct Page {
  /// What became of the words that two clips share.
  enum Overlap {
    /// They share none.
    case none
    /// They stand once.
    case merged
    /// The replies do not agree: what both say may stand twice.
    case kept
  }

  private let silences: [ClipRange]
  private let join: ClipSettings.Join
  private var paragraphs: [String] = []
  /// What the last clip's words add to the last paragraph: the next clip may know better how they end.
  private var tail = ""
  /// The clip whose words ended the last paragraph; nil after a mark and at the start.
  private var last: Clip?

  init(silences: [ClipRange], join: ClipSettings.Join) {
    self.silences = silences
    self.join = join
  }

  var isEmpty: Bool { paragraphs.isEmpty }

  var text: String { isEmpty ? "" : paragraphs.joined(separator: "\n\n") + tail + "\n" }

  mutating func add(_ words: String, of clip: Clip) -> Overlap {
    defer { last = clip }
    guard let last, let shared = spokenSeconds(of: last, and: clip) else {
      append(words, afterPause: last.map { isPause(from: $0, to: clip) } ?? true)
      return .none
    }
    let joint = WordJoint(tail, words, overlapping: shared)
    tail = joint.left
    if joint.agrees {
      closeTail()
      tail = joint.right
      return .merged
    }
    if !joint.right.isEmpty { append(joint.right, afterPause: isPause(from: last, to: clip)) }
    return .kept
  }

  mutating func addMark(_ mark: String) {
    closeTail()
    paragraphs.append(mark)
    last = nil
  }

  mutating func replaceMark(with mark: String) { paragraphs[paragraphs.count - 1] = mark }

  private mutating func closeTail() {
    guard !isEmpty else { return }
    paragraphs[paragraphs.count - 1] += tail
    tail = ""
  }

  private mutating func append(_ words: String, afterPause isPause: Bool) {
    closeTail()
    if isPause { paragraphs.append("") }
    tail = isPause ? words : " " + words
  }

  /// How much of their sound two clips share, in seconds; nil when their replies are not merged, or when nobody
  /// was heard there, so that there is nothing to merge.
  private func spokenSeconds(of left: Clip, and right: Clip) -> Double? {
    guard join == .words, right.range.start < left.range.end else { return nil }
    let shared = right.range.start..<left.range.end
    let isSpoken = (left.speech + right.speech).contains { shared.overlaps($0.start..<$0.end) }
    return isSpoken ? ClipRange(start: shared.lowerBound, end: shared.upperBound).seconds : nil
  }

  private func isPause(from left: Clip, to right: Clip) -> Bool {
    let end = left.speech.last?.end ?? left.range.end
    // What both clips share is no pause between them.
    let start = right.speech.first { $0.end > left.range.end }?.start ?? right.range.start
    if start - end >= Int64(Transcript.paragraphPause * ClipRange.sampleRate) { return true }
    return silences.contains { $0.start >= left.range.end && $0.end <= right.range.start }
  }
}
