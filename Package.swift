// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "dropscribe",
  products: [
    .executable(name: "dropscribe", targets: ["Command"]),
    .executable(name: "dropscribe-slice", targets: ["dropscribe-slice"]),
    .executable(name: "dropscribe-watch", targets: ["dropscribe-watch"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser.git", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto.git", exact: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log.git", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio.git", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl.git", exact: "2.37.6"),
    .package(url: "https://github.com/apple/swift-system.git", exact: "1.8.1"),
    .package(url: "https://github.com/groue/GRDB.swift.git", exact: "7.10.0"),
    .package(url: "https://github.com/swift-server/async-http-client.git", exact: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", exact: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess.git", exact: "1.0.2", traits: []),
  ],
  targets: [
    .systemLibrary(name: "CInotifyTools", providers: [.apt(["libinotifytools0-dev"])]),
    .systemLibrary(name: "CLame", providers: [.apt(["libmp3lame-dev"])]),
    .systemLibrary(name: "CSndFile", pkgConfig: "sndfile", providers: [.apt(["libsndfile1-dev"])]),
    .systemLibrary(name: "CSoxr", pkgConfig: "soxr", providers: [.apt(["libsoxr-dev"])]),
    .target(name: "CBox", linkerSettings: [.linkedLibrary("seccomp")]),
    .target(name: "CLinux"),

    .target(name: "Messages", swiftSettings: settings),
    .target(
      name: "Slicing",
      dependencies: ["CLame", "CSndFile", "CSoxr", "Messages"],
      swiftSettings: settings
    ),
    .executableTarget(
      name: "dropscribe-slice",
      dependencies: ["CBox", "Messages", "Slicing"],
      swiftSettings: settings,
      // It starts anew for each recording, and with the runtime linked in it starts in two thirds of the time.
      linkerSettings: [.unsafeFlags(["-static-stdlib"], .when(configuration: .release))]
    ),
    .executableTarget(
      name: "dropscribe-watch",
      dependencies: ["CInotifyTools", "Messages"],
      swiftSettings: settings
    ),
    .target(
      name: "Dropscribe",
      dependencies: [
        "CLinux",
        "Messages",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOFoundationCompat", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: settings
    ),
    .executableTarget(
      name: "Command",
      dependencies: [
        "Dropscribe", "Messages",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: settings
    ),

    .testTarget(name: "MessagesTests", dependencies: ["Messages"], swiftSettings: settings),
    .executableTarget(
      name: "box-probe",
      dependencies: ["CBox"],
      path: "Tests/BoxProbe",
      // In ffmpeg's box it must find its libraries, and the toolchain's do not lie where the system's do.
      linkerSettings: [.unsafeFlags(["-static-stdlib"])]
    ),
    .testTarget(
      name: "SlicingTests",
      dependencies: ["box-probe", "dropscribe-slice", "Slicing", "Messages"],
      swiftSettings: settings
    ),
    .target(
      name: "TestSupport",
      dependencies: [
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOFoundationCompat", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/TestSupport",
      swiftSettings: settings
    ),
    .testTarget(
      name: "DropscribeTests",
      dependencies: [
        "Dropscribe", "Messages", "TestSupport",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: settings
    ),
    .testTarget(
      name: "EndToEnd",
      dependencies: [
        "box-probe", "dropscribe-slice", "dropscribe-watch", "Command", "Messages", "TestSupport",
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: settings
    ),
  ]
)
