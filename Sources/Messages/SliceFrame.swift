/// What a slicing child tells the daemon, in this order: one `format`; then `clip` and `silence` as they lie
/// in the recording; then one `end`. A child that dies says no `end`.
///
/// On the wire a frame is one kind byte, the payload's length as a 32-bit little-endian number, and the
/// payload; numbers are little-endian, text is a 32-bit length and UTF-8.
public enum SliceFrame: Equatable, Sendable {
  /// What the recording is.
  public struct Format: Equatable, Sendable {
    /// The container and the encoding in words a person knows, such as `WAV, 16-bit PCM`.
    public var name: String
    /// Frames a second of the source, in hertz.
    public var sampleRate: Int
    /// Channels of the source.
    public var channels: Int
    /// Frames that the header declares, at the source's rate; nil when it declares none that make sense.
    public var declaredFrames: Int64?

    /// The facts of a source.
    public init(name: String, sampleRate: Int, channels: Int, declaredFrames: Int64?) {
      self.name = name
      self.sampleRate = sampleRate
      self.channels = channels
      self.declaredFrames = declaredFrames
    }
  }

  /// How a clip's end was chosen.
  public enum Joint: UInt8, Sendable {
    /// The cut lies in a pause.
    case pause = 0
    /// No pause was in reach: the cut lies in the quietest 30 ms and may have hurt a word.
    case doubtful = 1
    /// The recording, or the stretch before a long silence, ends here.
    case end = 2
  }

  /// One stretch to be sent.
  public struct Clip: Equatable, Sendable {
    /// The clip's place among the recording's clips, from 0, those passed over counted too.
    public var index: Int
    /// The channel that it was cut from, from 0; nil where all channels were mixed into one.
    public var channel: Int?
    /// An earlier channel that says the same in this range, from 0: then there is no audio to be sent.
    public var equalChannel: Int?
    /// Where it lies.
    public var range: ClipRange
    /// Root mean square level above 80 Hz, in dBFS; silence is -120.
    public var levelDBFS: Double
    /// How its end was chosen.
    public var joint: Joint
    /// Where speech activity was measured, inside ``range``.
    public var speech: [ClipRange]
    /// The audio: a whole file in the encoding that was asked for, 16 kHz, mono, padding included; empty where
    /// ``equalChannel`` is there.
    public var audio: [UInt8]

    /// A stretch to be sent.
    public init(
      index: Int,
      channel: Int? = nil,
      equalChannel: Int? = nil,
      range: ClipRange,
      levelDBFS: Double,
      joint: Joint,
      speech: [ClipRange],
      audio: [UInt8]
    ) {
      self.index = index
      self.channel = channel
      self.equalChannel = equalChannel
      self.range = range
      self.levelDBFS = levelDBFS
      self.joint = joint
      self.speech = speech
      self.audio = audio
    }
  }

  /// How the work ended.
  public struct End: Equatable, Sendable {
    /// Why it ended.
    public enum Verdict: UInt8, Sendable {
      /// The whole recording was read.
      case whole = 0
      /// What could be read was read; the rest is damaged or missing.
      case damaged = 1
      /// Nothing could be made of it.
      case unreadable = 2
      /// A limit stopped it.
      case limit = 3
      /// It can be read only by ffmpeg, and there is none.
      case decoderMissing = 4
    }

    /// Why it ended.
    public var verdict: Verdict
    /// What was wrong, for a person; empty when nothing was.
    public var reason: String
    /// Frames that were read, at the source's rate.
    public var framesRead: Int64
    /// How long the recording is, in frames of 16 kHz.
    public var length: Int64

    /// How the work ended.
    public init(verdict: Verdict, reason: String, framesRead: Int64, length: Int64) {
      self.verdict = verdict
      self.reason = reason
      self.framesRead = framesRead
      self.length = length
    }
  }

  /// What the recording is.
  case format(Format)
  /// One stretch to be sent.
  case clip(Clip)
  /// One stretch that was left out because nothing sounds in it: in one channel where those are cut by
  /// themselves, else in all.
  case silence(ClipRange, channel: Int?)
  /// How the work ended.
  case end(End)

  /// The longest payload that a reader accepts, in bytes: an hour of 16 kHz mono 16-bit audio and some room.
  public static let longestPayload = 3600 * 2 * ClipRange.sampleRate + 4_000_000

  /// The longest name or reason that a reader accepts, in bytes: some sentences, and a path of the kernel's.
  public static let longestText = 16_384

  /// The frame's bytes as they go over the pipe; a clip's audio is copied once.
  public var encoded: [UInt8] {
    switch self {
    case .format(let format):
      let name = Array(format.name.utf8)
      return FrameWriter.frame(kind: Kind.format, payloadBytes: 4 + name.count + 24) { frame in
        frame.block(name)
        frame.integer(Int64(format.sampleRate))
        frame.integer(Int64(format.channels))
        frame.integer(format.declaredFrames ?? -1)
      }
    case .clip(let clip):
      let bytes = 64 + 16 * clip.speech.count + 4 + clip.audio.count
      return FrameWriter.frame(kind: Kind.clip, payloadBytes: bytes) { frame in
        frame.integer(Int64(clip.index))
        frame.channel(clip.channel)
        frame.channel(clip.equalChannel)
        frame.range(clip.range)
        frame.integer(Int64(bitPattern: clip.levelDBFS.bitPattern))
        frame.integer(Int64(clip.joint.rawValue))
        frame.integer(Int64(clip.speech.count))
        for span in clip.speech { frame.range(span) }
        frame.block(clip.audio)
      }
    case .silence(let range, let channel):
      return FrameWriter.frame(kind: Kind.silence, payloadBytes: 24) { frame in
        frame.range(range)
        frame.channel(channel)
      }
    case .end(let end):
      let reason = Array(end.reason.utf8)
      return FrameWriter.frame(kind: Kind.end, payloadBytes: 8 + 4 + reason.count + 16) { frame in
        frame.integer(Int64(end.verdict.rawValue))
        frame.block(reason)
        frame.integer(end.framesRead)
        frame.integer(end.length)
      }
    }
  }

  enum Kind {
    static let format = UInt8(ascii: "F")
    static let clip = UInt8(ascii: "C")
    static let silence = UInt8(ascii: "S")
    static let end = UInt8(ascii: "E")
  }

  /// Reads a frame from its kind byte and its payload. What a child that was taken over may say is kept within
  /// what the daemon can reckon with.
  ///
  /// - Throws: ``SliceGarbage`` when they make no frame.
  public init(kind: UInt8, payload: consuming [UInt8]) throws(SliceGarbage) {
    var reader = FrameReader(payload)
    switch kind {
    case Kind.format:
      let name = try reader.text()
      let (rate, channels, declared) = (try reader.integer(), try reader.integer(), try reader.integer())
      guard (1...Int64(Int32.max)).contains(rate), (1...Int64(Int32.max)).contains(channels), declared >= -1
      else { throw SliceGarbage() }
      self = .format(
        Format(
          name: name,
          sampleRate: Int(rate),
          channels: Int(channels),
          declaredFrames: declared < 0 ? nil : declared
        )
      )
    case Kind.clip:
      let index = try reader.integer()
      let (channel, equalChannel) = (try reader.channel(), try reader.channel())
      let range = try reader.range()
      let level = Double(bitPattern: UInt64(bitPattern: try reader.integer()))
      guard let joint = Joint(rawValue: try reader.byte()), (0...Int64(Int32.max)).contains(index) else {
        throw SliceGarbage()
      }
      let spans = try reader.integer()
      guard spans >= 0, spans <= Int64(reader.bytesLeft / 16) else { throw SliceGarbage() }
      var speech: [ClipRange] = []
      for _ in 0..<spans { speech.append(try reader.range()) }
      guard level.isFinite, speech.allSatisfy({ range.start <= $0.start && $0.end <= range.end }) else {
        throw SliceGarbage()
      }
      self = .clip(
        Clip(
          index: Int(index),
          channel: channel,
          equalChannel: equalChannel,
          range: range,
          levelDBFS: level,
          joint: joint,
          speech: speech,
          audio: try reader.lastBlock()
        )
      )
    case Kind.silence:
      self = .silence(try reader.range(), channel: try reader.channel())
    case Kind.end:
      guard let verdict = End.Verdict(rawValue: try reader.byte()) else { throw SliceGarbage() }
      let (reason, read, length) = (try reader.text(), try reader.integer(), try reader.integer())
      guard read >= 0, (0..<ClipRange.beyondAll).contains(length) else { throw SliceGarbage() }
      self = .end(End(verdict: verdict, reason: reason, framesRead: read, length: length))
    default: throw SliceGarbage()
    }
    guard reader.isAtEnd else { throw SliceGarbage() }
  }
}

/// The slicing child wrote something that is no frame.
public struct SliceGarbage: Error, Equatable {
  /// The only one there is: what was wrong says nothing about the recording.
  public init() {}
}
