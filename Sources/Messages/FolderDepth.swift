/// How deep folders are followed, by the watching child and by the daemon's scan alike.
public enum FolderDepth {
  /// Folders below the configured one: `FOLDER/1/2/…/64` is still looked into, what lies deeper is not. Each
  /// level costs the watch child a watch and both a listing, and a path of the kernel has 4,096 bytes.
  public static let most = 64
}
