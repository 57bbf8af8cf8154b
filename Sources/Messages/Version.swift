/// The version that the three programs share: a daemon and its children always come from one build.
public enum Version {
  /// Semantic versioning; as in CHANGELOG.md.
  public static let current = "0.1.0"
}
