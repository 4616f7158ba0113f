import Testing

/// What each target may import: the layers of the architecture.
///
/// A name that is missing here fails the test, so a new target has to say where it belongs.
private let allowedImports: [String: Set<String>] = [
  // Layer 0: the standard library only.
  "Addresses": [],
  "LineCoding": [],
  "ControlProtocol": [],
  // Layer 1: pure. No Glibc, no Foundation, no clock, no logger.
  "FailoverCore": ["Addresses"],
  "Packets": ["Addresses"],
  "RESP": [],
  "Configuration": ["Addresses", "FailoverCore"],
  "ChannelMessages": ["Addresses", "FailoverCore", "LineCoding"],
  "EventRecording": ["Addresses", "FailoverCore", "LineCoding"],
  "Wording": ["Addresses", "FailoverCore", "ChannelMessages", "EventRecording"],
  // Layer 2: the system. From here on no Foundation, which costs 6 MB of memory.
  "CBuild": [],
  "Platform": [
    "FailoverCore", "CBuild", "NIOCore", "NIOPosix", "Logging", "Glibc", "Synchronization",
  ],
  "CMnl": [],
  "CLinux": [],
  "LinuxNetwork": ["Addresses", "Packets", "CMnl", "Glibc"],
  // Layer 3: the parts of the agent. None of them knows it.
  "Store": [
    "Addresses", "FailoverCore", "ChannelMessages", "ControlProtocol", "EventRecording",
    "LineCoding", "Platform", "Wording", "NIOCore", "NIOPosix", "Logging", "Glibc",
  ],
  "Links": [
    "Addresses", "FailoverCore", "RESP", "Platform", "Wording", "NIOCore", "NIOPosix", "NIOSSL",
    "NIOTLS", "Logging", "Glibc",
  ],
  "Kernel": [
    "Addresses", "FailoverCore", "LinuxNetwork", "Packets", "Platform", "Wording", "CLinux",
    "Logging", "Glibc",
  ],
  "Metrics": [
    "Addresses", "FailoverCore", "ControlProtocol", "Platform", "Wording", "NIOCore",
    "NIOHTTP1", "NIOPosix", "Logging", "Glibc",
  ],
  "Control": [
    "Addresses", "FailoverCore", "RESP", "ChannelMessages", "ControlProtocol", "Platform",
    "Wording", "Store", "NIOCore", "NIOPosix", "Logging", "Glibc",
  ],
  // Layer 4: the agent.
  "Agent": [
    "Addresses", "FailoverCore", "RESP", "Configuration", "ChannelMessages", "EventRecording",
    "LineCoding", "ControlProtocol", "LinuxNetwork", "Packets", "Wording", "Platform", "Store",
    "Links", "Kernel", "Metrics", "Control", "CLinux", "NIOCore", "NIOPosix", "Logging",
    "Glibc", "Synchronization",
  ],
  // Layer 5: the programs.
  "vipd": [
    "Agent", "Configuration", "FailoverCore", "LinuxNetwork", "Addresses", "Platform", "Wording",
    "Logging", "Glibc",
  ],
  "vipctl": [
    "Addresses", "Configuration", "ControlProtocol", "RESP", "CBuild", "CLinux",
    "ArgumentParser", "FoundationEssentials", "Glibc",
  ],
  // Embedded Swift: nothing but the C library.
  "CHook": [],
  "vipd-reconfig": ["CHook", "CBuild"],
]

/// The parts of the agent, and what they stand on.
private let parts: Set<String> = [
  "Wording", "Platform", "Store", "Links", "Kernel", "Metrics", "Control",
]

@Suite struct LayerTests {
  @Test(arguments: try SourceTree.swiftFiles(below: "Sources"))
  func `A source imports only what its layer may`(file: SourceTree.File) throws {
    let allowed = try #require(allowedImports[file.target], "\(file.target) has no layer")
    for module in SwiftScanner(file.text).imports() {
      #expect(allowed.contains(module), "\(file) imports \(module)")
    }
  }

  /// The compiler holds it as long as none imports the agent; this says which name went the wrong way.
  @Test func `A part of the agent names no type of the agent`() throws {
    let sources = try SourceTree.swiftFiles(below: "Sources")
    let own = sources.filter { $0.target == "Agent" }.flatMap { SwiftScanner($0.text).typeNames() }
    let others = sources.filter { $0.target != "Agent" }
    let known = others.flatMap { SwiftScanner($0.text).typeNames() }
    let names = Set(own).subtracting(known)
    #expect(names.isSuperset(of: ["Daemon", "GroupPort", "GroupServices"]))
    for file in others where parts.contains(file.target) {
      let found = Set(SwiftScanner(file.text).words().map(\.word)).intersection(names)
      #expect(found.isEmpty, "\(file) names \(found.sorted())")
    }
  }

  @Test(arguments: try SourceTree.swiftFiles(below: "Tests/SimulationKit"))
  func `The simulation knows the core and nothing else`(file: SourceTree.File) {
    for module in SwiftScanner(file.text).imports() {
      #expect(["FailoverCore", "Addresses"].contains(module), "\(file) imports \(module)")
    }
  }

  @Test(
    arguments: try SourceTree.swiftFiles(below: "Sources").filter {
      [
        "Addresses", "FailoverCore", "Packets", "RESP", "Configuration", "ChannelMessages",
        "EventRecording", "LineCoding", "ControlProtocol", "Wording",
      ].contains($0.target)
    } + SourceTree.swiftFiles(below: "Tests/SimulationKit"))
  func `A pure layer has no clock, no chance and no task`(file: SourceTree.File) {
    let scanner = SwiftScanner(file.text)
    for phrase in [
      "ContinuousClock", "SuspendingClock", "SystemRandomNumberGenerator", "Task", "ProcessInfo",
      "CommandLine",
    ] {
      #expect(scanner.places(of: phrase).isEmpty, "\(file) uses \(phrase)")
    }
  }

  @Test(
    arguments: try SourceTree.swiftFiles(below: "Sources/FailoverCore")
      + SourceTree.swiftFiles(below: "Tests/SimulationKit"))
  func `The core and its world don't calculate with floating point`(file: SourceTree.File) {
    let scanner = SwiftScanner(file.text)
    for phrase in ["Double", "Float", "Float16", "Float80"] {
      #expect(scanner.places(of: phrase).isEmpty, "\(file) uses \(phrase)")
    }
  }
}
