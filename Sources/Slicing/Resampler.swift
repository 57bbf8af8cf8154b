import CSoxr
import Messages

/// Brings one channel to 16 kHz through soxr at its "high" quality. The only file that knows soxr.
struct Resampler: ~Copyable {
  private let handle: soxr_t?
  private let output: FloatBuffer

  /// A resampler from `rate` hertz, for blocks of at most `block` samples.
  ///
  /// - Throws: ``SoxrFailure`` when soxr cannot be set up.
  init(from rate: Int, block: Int) throws(SoxrFailure) {
    output = FloatBuffer(capacity: block * ClipRange.sampleRate / rate + 16_384)
    guard rate != ClipRange.sampleRate else {
      handle = nil
      return
    }
    var failure: soxr_error_t?
    var format = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I)
    format.flags = UInt(SOXR_NO_DITHER)
    var quality = soxr_quality_spec(UInt(SOXR_HQ), 0)
    var runtime = soxr_runtime_spec(1)
    handle = soxr_create(Double(rate), Double(ClipRange.sampleRate), 1, &failure, &format, &quality, &runtime)
    guard handle != nil else { throw SoxrFailure(failure) }
  }

  deinit { if let handle { soxr_delete(handle) } }

  /// What soxr refused, once it did; nothing comes out from then on. Only a lack of memory makes it do so.
  private(set) var failure: String?

  /// Takes the next samples and returns those at 16 kHz that they make possible; good until the next call.
  mutating func resample(_ samples: UnsafeBufferPointer<Float>) -> UnsafeBufferPointer<Float> {
    guard let handle else { return samples }
    return process(handle, samples.baseAddress, samples.count)
  }

  /// After the last samples: returns what is still on its way; call it until it returns none.
  mutating func flush() -> UnsafeBufferPointer<Float> {
    guard let handle else { return UnsafeBufferPointer(start: nil, count: 0) }
    return process(handle, nil, 0)
  }

  private mutating func process(
    _ handle: soxr_t,
    _ input: UnsafePointer<Float>?,
    _ count: Int
  ) -> UnsafeBufferPointer<Float> {
    var (taken, made) = (0, 0)
    let refusal = soxr_process(handle, input, count, &taken, output.pointer, output.capacity, &made)
    if refusal != nil || taken != count {
      failure = failure ?? SoxrFailure(refusal).description
      return UnsafeBufferPointer(start: nil, count: 0)
    }
    return UnsafeBufferPointer(start: output.pointer, count: made)
  }
}

/// soxr refused.
struct SoxrFailure: Error, CustomStringConvertible {
  let description: String

  init(_ message: UnsafePointer<CChar>?) {
    description = "resampling failed: " + (message.map { String(cString: $0) } ?? "soxr took no input")
  }
}
