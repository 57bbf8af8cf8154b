/// What models are known to want of a request, whoever serves them.
enum ModelHabits {
  /// Parts of models' names, in lower case, that refuse a system message beside audio (mistral-common, the
  /// tokenizer that every server of Voxtral uses).
  static let withoutSystemText = ["voxtral"]

  /// Whether a task's system text goes into the user message.
  static func foldsSystem(model: String?) -> Bool {
    guard let model = model?.lowercased() else { return false }
    return withoutSystemText.contains { model.contains($0) }
  }
}
