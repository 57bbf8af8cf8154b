// swift-tools-version: 6.2
import PackageDescription

/// The sanitizers' flags are "unsafe" to SwiftPM, which takes them in a root package only: so this is one.
let instrumented: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
  .unsafeFlags(["-sanitize=fuzzer,address", "-enable-testing"]),
]

let package = Package(
  name: "fuzz",
  targets: [
    .target(name: "CFuzzer"),
    .systemLibrary(name: "CLame", providers: [.apt(["libmp3lame-dev"])]),
    .systemLibrary(name: "CSndFile", pkgConfig: "sndfile", providers: [.apt(["libsndfile1-dev"])]),
    .systemLibrary(name: "CSoxr", pkgConfig: "soxr", providers: [.apt(["libsoxr-dev"])]),

    // Links to the real sources: what is fuzzed is what ships.
    .target(name: "Messages", swiftSettings: instrumented),
    .target(
      name: "Slicing",
      dependencies: ["CLame", "CSndFile", "CSoxr", "Messages"],
      swiftSettings: instrumented
    ),
    .target(name: "Dropscribe", dependencies: ["Messages"], swiftSettings: instrumented),

    .executableTarget(
      name: "fuzz",
      dependencies: ["CFuzzer", "Dropscribe", "Messages", "Slicing"],
      path: "Sources/Fuzz",
      swiftSettings: instrumented,
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]
    ),
  ]
)
