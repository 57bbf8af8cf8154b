/// What of a file a decoder sees as a file of its own: its sound stretches, one joined to the other.
struct FilePart: Equatable {
  /// In bytes of the file, in order, none empty.
  var pieces: [Range<Int64>]
  /// What the decoder sees in place of what is there: a length that was never filled in, or is wrong.
  var patch: Patch?
  /// Whether the decoder is kept from knowing how long it is, and reads on as long as there is something.
  var isStream = false
  /// Whether its header was never finished, and says that there is no audio.
  var isUnfinished = false
  /// The part of its audio that is known to be missing, from 0 to 1.
  var missing = 0.0
  /// What else is wrong with it, for a person, in words that follow "it": as far as that shows before decoding.
  var faults: [String] = []

  /// One stretch.
  init(_ bytes: Range<Int64>, isStream: Bool = false) {
    pieces = bytes.isEmpty ? [] : [bytes]
    self.isStream = isStream
  }

  /// Joins another stretch on.
  mutating func join(_ bytes: Range<Int64>) {
    guard !bytes.isEmpty else { return }
    if let last = pieces.last, last.upperBound == bytes.lowerBound || pieces.count >= Self.mostPieces {
      pieces[pieces.count - 1] = last.lowerBound..<bytes.upperBound
    } else {
      pieces.append(bytes)
    }
  }

  /// Beyond this, what lies between is no longer left out: a list must not grow with a hostile file.
  private static let mostPieces = 1 << 18

  /// Other bytes than those in the file.
  struct Patch: Equatable {
    /// Where they stand, in bytes of the file.
    var position: Int64
    var bytes: [UInt8]
  }
}
