// swift-tools-version: 6.2

import PackageDescription

/// The settings that every target shares.
///
/// Each line names the Swift Evolution proposal that explains it.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  // SE-0335: an existential costs an allocation and a witness table, so it must be visible.
  .enableUpcomingFeature("ExistentialAny"),
  // SE-0409: what a target imports is not re-exported unless it says so.
  .enableUpcomingFeature("InternalImportsByDefault"),
  // SE-0444: a member is only visible where its module is imported.
  .enableUpcomingFeature("MemberImportVisibility"),
  // SE-0461: an asynchronous function stays on its caller's executor, so nothing hops by surprise.
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  // SE-0443: a warning that nobody reads is a defect that nobody fixes.
  .treatAllWarnings(as: .error),
]

/// The settings of targets that touch pointers.
///
/// SE-0458: each unsafe expression is marked, so a reader can find them all.
let unsafeSettings: [SwiftSetting] = settings + [.strictMemorySafety()]

let package = Package(
  name: "vipd",
  products: [
    .executable(name: "vipd", targets: ["vipd"]),
    .executable(name: "vipctl", targets: ["vipctl"]),
    .executable(name: "vipd-reconfig", targets: ["vipd-reconfig"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
  ],
  targets: [
    // Layer 0: value types; the standard library only.
    .target(name: "Addresses", swiftSettings: settings),
    .target(name: "LineCoding", swiftSettings: settings),
    .target(name: "ControlProtocol", swiftSettings: settings),

    // Layer 1: pure. No Glibc, no Foundation, no clock, no logger.
    .target(name: "FailoverCore", dependencies: ["Addresses"], swiftSettings: settings),
    .target(name: "Packets", dependencies: ["Addresses"], swiftSettings: settings),
    .target(name: "RESP", swiftSettings: settings),
    .target(
      name: "Configuration", dependencies: ["Addresses", "FailoverCore"], swiftSettings: settings),
    .target(
      name: "ChannelMessages", dependencies: ["Addresses", "FailoverCore", "LineCoding"],
      swiftSettings: settings),
    .target(
      name: "EventRecording", dependencies: ["Addresses", "FailoverCore", "LineCoding"],
      swiftSettings: settings),
    .target(
      name: "Wording",
      dependencies: ["Addresses", "FailoverCore", "ChannelMessages", "EventRecording"],
      swiftSettings: settings),

    // Layer 2: the system: its clocks, files and threads, and the kernel.
    .target(
      name: "Platform",
      dependencies: [
        "FailoverCore", "CBuild",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: unsafeSettings),
    .systemLibrary(
      name: "CMnl", pkgConfig: "libmnl", providers: [.apt(["libmnl-dev"])]),
    // Declarations of the C library that the Glibc module leaves out.
    .systemLibrary(name: "CLinux"),
    // What scripts/build links in: the commit.
    .systemLibrary(name: "CBuild"),
    .target(
      name: "LinuxNetwork", dependencies: ["Addresses", "Packets", "CMnl"],
      swiftSettings: unsafeSettings),

    // Layer 3: the parts of the agent. None knows the agent, and each says itself what it needs.
    .target(
      name: "Store",
      dependencies: [
        "Addresses", "FailoverCore", "ChannelMessages", "ControlProtocol", "EventRecording",
        "LineCoding", "Platform", "Wording",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: unsafeSettings),
    .target(
      name: "Links",
      dependencies: [
        "Addresses", "FailoverCore", "RESP", "Platform", "Wording",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOTLS", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: unsafeSettings),
    .target(
      name: "Kernel",
      dependencies: [
        "Addresses", "FailoverCore", "LinuxNetwork", "Packets", "Platform", "Wording", "CLinux",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: unsafeSettings),
    .target(
      name: "Metrics",
      dependencies: [
        "Addresses", "FailoverCore", "ControlProtocol", "Platform", "Wording",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: unsafeSettings),
    .target(
      name: "Control",
      dependencies: [
        "Addresses", "FailoverCore", "RESP", "ChannelMessages", "ControlProtocol", "Platform",
        "Wording", "Store",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: unsafeSettings),

    // Layer 4: the agent: connects them, carries effects out.
    .target(
      name: "Agent",
      dependencies: [
        "Addresses", "FailoverCore", "RESP", "Configuration", "ChannelMessages", "EventRecording",
        "LineCoding", "ControlProtocol", "LinuxNetwork", "Packets", "Wording", "Platform",
        "Store", "Links", "Kernel", "Metrics", "Control", "CLinux",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: unsafeSettings),

    // Layer 5: the programs.
    .executableTarget(
      name: "vipd",
      dependencies: [
        "Agent", "Configuration", "Platform", "Wording",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: unsafeSettings),
    .executableTarget(
      name: "vipctl",
      dependencies: [
        "Addresses", "RESP", "Configuration", "ControlProtocol", "CBuild", "CLinux",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: unsafeSettings),
    // The C library for the hook, which has no Glibc module.
    .systemLibrary(name: "CHook"),
    // Embedded Swift, fully static: see docs/adr/0008-static-hook.md.
    .executableTarget(
      name: "vipd-reconfig", dependencies: ["CHook", "CBuild"],
      swiftSettings: unsafeSettings + [
        .enableExperimentalFeature("Embedded"), .unsafeFlags(["-wmo", "-Osize"]),
      ],
      linkerSettings: [
        .unsafeFlags([
          "-Xclang-linker", "-static", "-Xclang-linker", "-Wno-unused-command-line-argument",
          "-Xlinker", "--gc-sections",
        ])
      ]),

    // Tests. The kits are libraries, so that programs and tests share them.
    .target(name: "FuzzKit", path: "Tests/FuzzKit", swiftSettings: settings),
    // The other ends of connections: a Redis, a Sentinel, a scraper.
    .target(
      name: "PeerKit",
      dependencies: [
        "Addresses", "FailoverCore", "RESP",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      path: "Tests/PeerKit",
      swiftSettings: unsafeSettings),
    .target(
      name: "SimulationKit", dependencies: ["FailoverCore", "Addresses"],
      path: "Tests/SimulationKit", swiftSettings: settings),
    .executableTarget(
      name: "simulate", dependencies: ["SimulationKit"], path: "Tests/simulate",
      swiftSettings: settings),
    .target(
      name: "Lab", dependencies: ["CLinux"], path: "Tests/Lab", swiftSettings: unsafeSettings),
    .executableTarget(
      name: "lab",
      dependencies: [
        "Lab", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/lab-command", swiftSettings: unsafeSettings),
    .executableTarget(
      name: "lab-client", dependencies: ["Lab"], path: "Tests/lab-client",
      swiftSettings: unsafeSettings),
    // Debian hosts under systemd, for what only a real unit on a real system shows.
    .target(
      name: "HostKit", dependencies: ["Lab"], path: "Tests/HostKit", swiftSettings: unsafeSettings),
    .executableTarget(
      name: "hosts",
      dependencies: [
        "HostKit", "Lab", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/hosts-command", swiftSettings: unsafeSettings),
    // What `scripts/bench micro` measures of the modules, compiled like a release.
    .executableTarget(
      name: "micro", dependencies: ["FailoverCore", "EventRecording", "RESP", "CLinux"],
      path: "Tests/micro", swiftSettings: unsafeSettings),
    .testTarget(name: "AddressesTests", dependencies: ["Addresses"], swiftSettings: settings),
    .testTarget(
      name: "FailoverCoreTests", dependencies: ["FailoverCore", "Addresses", "FuzzKit"],
      exclude: ["Traces"], swiftSettings: settings),
    .testTarget(
      name: "PacketsTests", dependencies: ["Packets", "Addresses", "FuzzKit"],
      swiftSettings: settings),
    .testTarget(name: "RESPTests", dependencies: ["RESP", "FuzzKit"], swiftSettings: settings),
    .testTarget(
      name: "ConfigurationTests",
      dependencies: ["Configuration", "Addresses", "FailoverCore", "FuzzKit"],
      swiftSettings: settings),
    .testTarget(
      name: "ChannelMessagesTests",
      dependencies: ["ChannelMessages", "Addresses", "FailoverCore", "FuzzKit"],
      swiftSettings: settings),
    .testTarget(
      name: "EventRecordingTests", dependencies: ["EventRecording", "Addresses", "FailoverCore"],
      exclude: ["Recordings"], swiftSettings: settings),
    .testTarget(
      name: "LinuxNetworkTests",
      dependencies: [
        "LinuxNetwork", "Packets", "Addresses", "CMnl", "Kernel", "FailoverCore", "FuzzKit",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: unsafeSettings),
    .testTarget(
      name: "PlatformTests",
      dependencies: [
        "FailoverCore", "Platform",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: unsafeSettings),
    .testTarget(
      name: "StoreTests",
      dependencies: [
        "Addresses", "ControlProtocol", "FailoverCore", "PeerKit", "Platform", "Store",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: unsafeSettings),
    .testTarget(
      name: "LinksTests",
      dependencies: [
        "Addresses", "FailoverCore", "FuzzKit", "Links", "PeerKit", "Platform", "RESP", "Wording",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      swiftSettings: unsafeSettings),
    .testTarget(
      name: "KernelTests",
      dependencies: [
        "Addresses", "FailoverCore", "Kernel", "LinuxNetwork",
      ],
      swiftSettings: unsafeSettings),
    .testTarget(
      name: "MetricsTests",
      dependencies: [
        "Addresses", "ControlProtocol", "FailoverCore", "Metrics", "PeerKit", "Platform",
        "Wording",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: unsafeSettings),
    .testTarget(
      name: "ControlTests",
      dependencies: [
        "Addresses", "Control", "ControlProtocol", "FailoverCore", "PeerKit", "Platform",
        "Wording",
        .product(name: "NIOCore", package: "swift-nio"),
      ],
      swiftSettings: unsafeSettings),
    .testTarget(
      name: "AgentTests",
      dependencies: [
        "Addresses", "Agent", "ChannelMessages", "Configuration", "Control", "ControlProtocol",
        "FailoverCore", "Kernel", "Links", "LinuxNetwork", "Metrics", "Packets", "PeerKit",
        "Platform", "RESP", "Store", "Wording",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: unsafeSettings),
    .testTarget(
      name: "SimulationTests", dependencies: ["SimulationKit", "FailoverCore"],
      swiftSettings: settings),
    .testTarget(name: "TidyTests", swiftSettings: settings),
    .target(name: "ProgramKit", path: "Tests/ProgramKit", swiftSettings: unsafeSettings),
    .testTarget(name: "HookTests", dependencies: ["ProgramKit"], swiftSettings: settings),
    .testTarget(
      name: "VipctlTests",
      dependencies: [
        "vipctl", "Addresses", "ControlProtocol", "ProgramKit", "RESP", "Configuration",
        "FailoverCore",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "ControlProtocolTests", dependencies: ["ControlProtocol"], swiftSettings: settings),
    .testTarget(
      name: "LineCodingTests", dependencies: ["LineCoding"], swiftSettings: settings),
    .testTarget(
      name: "VipdTests", dependencies: ["vipd", "Agent", "ProgramKit"],
      swiftSettings: unsafeSettings),
    .testTarget(
      name: "LabTests",
      // The programs stand here to be built before the tests start them.
      // Not vipd-reconfig: its linker settings (fully static) would become those of all tests.
      dependencies: ["Lab", "lab", "lab-client", "vipd", "vipctl", "EventRecording"],
      swiftSettings: unsafeSettings),
    .testTarget(
      name: "HostTests", dependencies: ["HostKit", "Lab", "lab-client"],
      swiftSettings: unsafeSettings),
  ]
)
