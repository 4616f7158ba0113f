import Testing

/// Functions that are longer than a screen, each with its reason.
private let longFunctions: [String: String] = [
  "Sources/FailoverCore/FailoverMachine.swift func record":
    "A switch that only dispatches, one case an event.",
  "Tests/SimulationKit/World+Agent.swift func perform":
    "A switch that only dispatches, one case an order.",
]

/// Files that are longer than 500 lines, each with its reason.
private let longFiles: [String: String] = [:]

/// Classes and machines of which some properties can be set from outside, each with its reason.
///
/// This list only shrinks: whoever needs a new entry makes a function or a room instead.
private let openProperties: [String: (properties: [String], reason: String)] = [
  "AdmissionCheck": (
    ["period", "refusedPeriod"],
    "Periods that a test shortens."
  ),
  "ControlSession": (
    ["version", "whenEnded", "callOff"],
    "What a command sets up for the commands that follow on its connection."
  ),
  "Daemon": (
    ["reportListeners", "ticked", "counters", "orderLimit", "metrics"],
    "Set once by the program around it, before it starts; its counters by what it owns."
  ),
  "ProbeRun": (
    ["roundsSent", "claimedBy", "completedAt", "timer"],
    "Its times are set by who sends; a simulated link sends as well."
  ),
  "HostResolver": (
    ["pace", "resolved"],
    "Periods that a test shortens, and who hears of an answer."
  ),
  "InstanceFields": (
    [
      "host", "port", "runID", "flags", "failoverState", "lastOkPingReply", "downAfter",
      "failoverTimeout", "configEpoch", "quorum", "otherSentinels", "priority", "roleReported",
      "lastHello", "replicaOffset",
    ],
    "A record of what a server replied."
  ),
  "LinkTable": (
    ["links", "assigned", "virtual"],
    "The tables of the kernel, as LinuxHost reads them."
  ),
  "LinuxHost": (
    ["settings"],
    "Read off the event loop by the daemon, which keeps them here."
  ),
  "NetworkRelay": (
    ["daemon"],
    "Stands between two things that are made one after the other."
  ),
  "RedisHealth": (
    [
      "isLoading", "loadedPercent", "hasFailedToSave", "stopsWithoutSave", "hasFailedToAppend",
      "rejectedConnections",
    ],
    "A record of what a server replied."
  ),
  "RedisLink": (
    ["watchesReplicas", "watchesFence"],
    "What is watched is set by its owner."
  ),
  "ReplicationInfo": (
    ["replicas", "masterOffset", "goodReplicas", "replicaOffset", "isLinkUp", "priority"],
    "A record of what a server replied."
  ),
  "SentinelLink": (
    ["isSearching"],
    "Set by the directory, which alone knows whom others list."
  ),
]

/// The targets whose classes keep their properties to themselves.
private let agentTargets: Set<String> = [
  "Agent", "Control", "Metrics", "Kernel", "Links", "Store", "Platform", "Wording",
]

/// The sources of those.
private func agentFiles() throws -> [SourceTree.File] {
  try SourceTree.swiftFiles(below: "Sources").filter { agentTargets.contains($0.target) }
}

@Suite struct StyleTests {
  @Test(
    arguments: try SourceTree.swiftFiles(below: "Sources")
      + SourceTree.swiftFiles(below: "Tests"))
  func `A file has at most 500 lines`(file: SourceTree.File) {
    #expect(file.lineCount <= 500 || longFiles[file.path] != nil)
  }

  @Test(
    arguments: try SourceTree.swiftFiles(below: "Sources")
      + [
        "SimulationKit", "Lab", "simulate", "lab-command", "HostKit", "hosts-command",
      ].flatMap {
        try SourceTree.swiftFiles(below: "Tests/\($0)")
      })
  func `A function fits a screen`(file: SourceTree.File) {
    for function in SwiftScanner(file.text).functions() where function.length > 50 {
      let key = "\(file.path) \(function.name)"
      #expect(
        longFunctions[key] != nil,
        "\(function.name) in line \(function.line) has \(function.length) lines")
    }
  }

  @Test(arguments: try agentFiles())
  func `Only a class or a machine itself sets its properties`(file: SourceTree.File) {
    for property in SwiftScanner(file.text).openProperties() {
      let isExempt = openProperties[property.type]?.properties.contains(property.name) == true
      #expect(isExempt, "\(property.type).\(property.name) in line \(property.line)")
    }
  }

  @Test func `An exemption that nobody needs is gone`() throws {
    let open = try agentFiles().flatMap { SwiftScanner($0.text).openProperties() }
    for (type, exemption) in openProperties {
      for name in exemption.properties {
        #expect(
          open.contains { $0.type == type && $0.name == name }, "\(type).\(name) needs none")
      }
    }
    for (path, _) in longFiles {
      let file = try #require(SourceTree.files().first { $0.path == path }, "\(path)")
      #expect(file.lineCount > 500, "\(path) needs no exemption")
    }
    for (key, _) in longFunctions {
      let path = String(key.prefix { $0 != " " })
      let file = try #require(SourceTree.files().first { $0.path == path }, "\(path)")
      let lengths = SwiftScanner(file.text).functions()
        .filter { "\(path) \($0.name)" == key }.map(\.length)
      #expect(lengths.contains { $0 > 50 }, "\(key) needs no exemption")
    }
  }

  @Test(arguments: try SourceTree.swiftFiles(below: "Sources"))
  func `The product doesn't trap, shout or escape the compiler's checks`(file: SourceTree.File) {
    let scanner = SwiftScanner(file.text)
    for phrase in [
      "fatalError(", "preconditionFailure(", "try!", "as!", "@unchecked Sendable",
      "nonisolated(unsafe)", "@preconcurrency", "print(", "debugPrint(", "dump(", "Task {",
      "Task.detached",
    ] {
      let lines = scanner.places(of: phrase)
      #expect(lines.isEmpty, "\(phrase) in lines \(lines)")
    }
  }

  @Test(
    arguments: try SourceTree.swiftFiles(below: "Sources")
      + SourceTree.swiftFiles(below: "Tests"))
  func `A name says what a thing is`(file: SourceTree.File) {
    for name in SwiftScanner(file.text).typeNames() {
      for ending in ["Manager", "Helper", "Helpers", "Util", "Utils", "Utilities"] {
        #expect(!name.hasSuffix(ending), "\(name)")
      }
    }
  }

  @Test func `No file names a machine`() throws {
    // Put together here, so that this file doesn't name them.
    let paths = ["work", "root", "tmp/w"].map { "/" + $0 + "/" }
    for file in try SourceTree.files() {
      for path in paths {
        for range in file.text.ranges(of: path) {
          let before = file.text[..<range.lowerBound].last
          let isWhole = before.map { !$0.isLetter && !$0.isNumber && !"._-}*".contains($0) }
          #expect(isWhole == false, "\(file.path) names \(path)")
        }
      }
    }
  }
}
