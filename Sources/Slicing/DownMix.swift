/// Makes one channel of several: their mean, unless the channels cancel each other out.
///
/// A recording whose right channel is its left one inverted averages to silence. Where the mean holds 6 dB
/// less than channels that know nothing of each other would give, the loudest channel is taken alone instead
/// (its opposite says the same). Two speakers on a channel each never come near that, so neither is dropped.
/// The change is made over one block, as a cross-fade.
struct DownMix {
  private let channels: Int
  private var channelPower: [Float]
  private var picked: Int?

  /// Samples beyond this, 36 dB over full scale, are held to it: filters would spread a huge one for seconds.
  private static let loudest: Float = 64
  private static let fewest = 256

  init(channels: Int) {
    self.channels = channels
    channelPower = Array(repeating: 0, count: channels)
  }

  /// Mixes `frames` interleaved frames down into `mono` and returns how many samples were not numbers; those
  /// are taken as silence, in `block` too.
  mutating func mix(
    _ block: UnsafeMutablePointer<Float>,
    frames: Int,
    into mono: UnsafeMutablePointer<Float>
  ) -> Int {
    guard frames > 0 else { return 0 }
    var damaged = 0
    var meanPower = average(block, frames: frames, into: mono)
    // One sample that is infinite or not a number makes a channel's power so: a free look at all of them.
    if !channelPower.allSatisfy({ $0 < Self.loudest * Self.loudest }) {
      damaged = Self.mend(block, count: frames * channels)
      meanPower = average(block, frames: frames, into: mono)
    }
    if channels > 1 { unlessCancelled(block, frames: frames, into: mono, meanPower: meanPower) }
    return damaged
  }

  /// Writes the mean, notes each channel's power, and returns the mean's.
  private mutating func average(
    _ block: UnsafeMutablePointer<Float>,
    frames: Int,
    into mono: UnsafeMutablePointer<Float>
  ) -> Float {
    switch channels {
    case 1: averageOne(block, frames: frames, into: mono)
    case 2: averageTwo(block, frames: frames, into: mono)
    default: averageMany(block, frames: frames, into: mono)
    }
  }

  private mutating func averageOne(
    _ block: UnsafeMutablePointer<Float>,
    frames: Int,
    into mono: UnsafeMutablePointer<Float>
  ) -> Float {
    var sums = SIMD8<Float>()
    let source = UnsafeRawPointer(block)
    let target = UnsafeMutableRawPointer(mono)
    let whole = frames & ~7
    for start in stride(from: 0, to: whole, by: 8) {
      let samples = source.loadUnaligned(fromByteOffset: 4 * start, as: SIMD8<Float>.self)
      target.storeBytes(of: samples, toByteOffset: 4 * start, as: SIMD8<Float>.self)
      sums += samples * samples
    }
    var sum = sums.sum()
    for index in whole..<frames {
      mono[index] = block[index]
      sum += block[index] * block[index]
    }
    channelPower[0] = sum / Float(frames)
    return channelPower[0]
  }

  private mutating func averageTwo(
    _ block: UnsafeMutablePointer<Float>,
    frames: Int,
    into mono: UnsafeMutablePointer<Float>
  ) -> Float {
    var (lefts, rights, means) = (SIMD4<Float>(), SIMD4<Float>(), SIMD4<Float>())
    let source = UnsafeRawPointer(block)
    let target = UnsafeMutableRawPointer(mono)
    let whole = frames & ~3
    for start in stride(from: 0, to: whole, by: 4) {
      let pairs = source.loadUnaligned(fromByteOffset: 8 * start, as: SIMD8<Float>.self)
      let (left, right) = (pairs.evenHalf, pairs.oddHalf)
      let mean = (left + right) * 0.5
      target.storeBytes(of: mean, toByteOffset: 4 * start, as: SIMD4<Float>.self)
      lefts += left * left
      rights += right * right
      means += mean * mean
    }
    var (left, right, mean) = (lefts.sum(), rights.sum(), means.sum())
    for index in whole..<frames {
      let (a, b) = (block[2 * index], block[2 * index + 1])
      mono[index] = (a + b) * 0.5
      left += a * a
      right += b * b
      mean += mono[index] * mono[index]
    }
    channelPower[0] = left / Float(frames)
    channelPower[1] = right / Float(frames)
    return mean / Float(frames)
  }

  private mutating func averageMany(
    _ block: UnsafeMutablePointer<Float>,
    frames: Int,
    into mono: UnsafeMutablePointer<Float>
  ) -> Float {
    let channels = channels
    var meanPower: Float = 0
    channelPower.withUnsafeMutableBufferPointer { power in
      power.update(repeating: 0)
      for frame in 0..<frames {
        let samples = block + frame * channels
        var sum: Float = 0
        for channel in 0..<channels {
          sum += samples[channel]
          power[channel] += samples[channel] * samples[channel]
        }
        mono[frame] = sum / Float(channels)
        meanPower += mono[frame] * mono[frame]
      }
      for channel in 0..<channels { power[channel] /= Float(frames) }
    }
    return meanPower / Float(frames)
  }

  private mutating func unlessCancelled(
    _ block: UnsafeMutablePointer<Float>,
    frames: Int,
    into mono: UnsafeMutablePointer<Float>,
    meanPower: Float
  ) {
    let total = channelPower.reduce(0, +)
    let independent = total / Float(channels * channels)
    let before = picked
    // There is nothing to decide by in a pause, at -90 dBFS and less, nor in a recording's last few samples.
    if total > 1e-9, frames >= Self.fewest {
      if meanPower > independent / 2 {
        picked = nil
      } else if picked != nil || meanPower < independent / 4 {
        let loudest = channelPower.indices.max { channelPower[$0] < channelPower[$1] } ?? 0
        if picked.map({ channelPower[loudest] > 4 * channelPower[$0] }) ?? true { picked = loudest }
      }
    }
    guard before != nil || picked != nil else { return }
    for frame in 0..<frames {
      let samples = block + frame * channels
      let mean = mono[frame]
      let old = before.map { samples[$0] } ?? mean
      let new = picked.map { samples[$0] } ?? mean
      mono[frame] = before == picked ? new : old + (new - old) * Float(frame) / Float(frames)
    }
  }

  private static func mend(_ samples: UnsafeMutablePointer<Float>, count: Int) -> Int {
    var damaged = 0
    for index in 0..<count {
      if samples[index].isFinite {
        samples[index] = max(-loudest, min(loudest, samples[index]))
      } else {
        samples[index] = 0
        damaged += 1
      }
    }
    return damaged
  }
}
