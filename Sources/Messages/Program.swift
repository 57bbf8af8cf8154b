/// What the three programs say of themselves.
public enum Program {
  /// The version that they share: a daemon and its children always come from one build.
  public static let version = "0.1.0"
}
