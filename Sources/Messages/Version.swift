/// The version that every program of the package states.
public enum ProgramVersion {
  /// Semantic versioning.
  public static let current = "0.1.0"
}
