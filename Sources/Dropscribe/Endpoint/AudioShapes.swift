internal import Synchronization

/// Which shape of the audio part an endpoint takes, found out as it answers and kept in memory for each model.
///
/// With `audio_part = "auto"` a clip goes as `input_audio`. Where the endpoint names that part as what it cannot
/// take, `audio_url` gets one trial; when that works it stays, when it is refused as well the fault lies
/// elsewhere and `input_audio` is final. So every clip is sent again at most once for its shape.
final class AudioShapes: Sendable {
  private enum Knowledge {
    /// Nothing was answered yet, or nothing that tells.
    case untested
    /// `input_audio` was refused, `audio_url` not answered yet.
    case trying
    /// Known for good.
    case settled(ChatRequest.AudioShape)
  }

  private let setting: EndpointConfiguration.AudioPart
  private let models = Mutex<[String?: Knowledge]>([:])

  init(_ setting: EndpointConfiguration.AudioPart) {
    self.setting = setting
  }

  /// The shape for the next request.
  func shape(model: String?) -> ChatRequest.AudioShape {
    switch setting {
    case .inputAudio: return .inputAudio
    case .audioURL: return .audioURL
    case .inputAudioString: return .inputAudioString
    case .automatic: break
    }
    switch models.withLock({ $0[model] ?? .untested }) {
    case .untested: return .inputAudio
    case .trying: return .audioURL
    case .settled(let shape): return shape
    }
  }

  /// A request in that shape was answered with success.
  func worked(_ shape: ChatRequest.AudioShape, model: String?) {
    guard setting == .automatic else { return }
    models.withLock { models in
      if case .settled? = models[model] { return }
      models[model] = .settled(shape)
    }
  }

  /// A request in that shape was refused in a way that names the part, or, for the trial, refused for good.
  /// True when the same clip should be sent once more in the shape that ``shape(model:)`` now says.
  func failed(_ shape: ChatRequest.AudioShape, model: String?) -> Bool {
    guard setting == .automatic else { return false }
    return models.withLock { models in
      switch (models[model] ?? .untested, shape) {
      case (.untested, .inputAudio):
        models[model] = .trying
        return true
      case (.trying, .inputAudio), (.settled(.audioURL), .inputAudio):
        // Another request found it out while this one was under way.
        return true
      case (.trying, .audioURL):
        models[model] = .settled(.inputAudio)
        return false
      default:
        return false
      }
    }
  }
}
