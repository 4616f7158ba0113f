import Addresses
import FailoverCore

extension Configuration {
  /// The longest text that is read as a configuration.
  static let maxText = 1 << 20

  /// Reads the text of a configuration file.
  ///
  /// Nothing is read from the host: `file` is only the name that stands in errors.
  ///
  /// - Throws: all that is wrong, never only the first.
  public init(parsing text: [UInt8], file: String) throws(ConfigurationError) {
    guard text.count <= Self.maxText else {
      throw ConfigurationError(problems: [
        ConfigurationProblem(
          file: file, line: 1, column: 1, word: nil,
          message: "the file has \(text.count) bytes, more than 1 MiB: is it a configuration?")
      ])
    }
    var parser = ConfigurationParser(file: file)
    for (index, line) in DirectiveLine.lines(of: text).enumerated() {
      parser.read(DirectiveLine(line), number: index + 1)
    }
    self = try parser.finish()
  }

  /// Reads the text of a configuration file.
  ///
  /// - Throws: all that is wrong, never only the first.
  public init(parsing text: String, file: String) throws(ConfigurationError) {
    try self.init(parsing: Array(text.utf8), file: file)
  }

  /// Whether a text says `daemonless yes`, and nothing else says otherwise.
  ///
  /// For the hook, which must answer within milliseconds and leaves all other checks to the
  /// daemon that it then becomes.
  public static func isDaemonless(in text: [UInt8]) -> Bool {
    guard text.count <= maxText else { return false }
    var answer: Bool?
    for line in DirectiveLine.lines(of: text) {
      let directive = DirectiveLine(line)
      guard directive.words.first?.text == Directive.daemonless.rawValue else { continue }
      guard answer == nil, directive.flaw == nil, directive.words.count == 2 else { return false }
      answer = directive.words[1].text == "yes"
    }
    return answer ?? false
  }
}

/// Gathers directives and what is wrong with them.
struct ConfigurationParser {
  let file: String
  var problems: [ConfigurationProblem] = []
  var cautions: [ConfigurationProblem] = []
  /// The number of lines read.
  var lineCount = 0
  /// For each directive that may stand once, and its scope, the line where it stood.
  private var seen: [String: Int] = [:]

  var sentinels: [Located<SentinelAddress>] = []
  /// Whether any line meant to name a Sentinel for all, also one that could not be understood.
  var hasSentinelLine = false
  /// The masters for which a line meant to name a Sentinel of their own.
  var sentinelOwners: Set<String> = []
  var groups: [GroupDraft] = []
  /// What the lines other than `vip` say, by master name.
  var settings: [String: GroupSettings] = [:]
  /// Master names in lines other than `vip`, each with its place.
  var mentions: [Located<String>] = []
  var sentinelUser: Located<String>?
  var sentinelPasswordFile: String?
  var sentinelTLS: TLSSettings?
  var isDaemonless = false
  var controlPath: Located<String>?
  var hookPath: Located<String>?
  var metrics: Endpoint? = Configuration.defaultMetrics
  var stateDirectory: String?
  var stopPolicy: StopPolicy?

  init(file: String) {
    self.file = file
  }

  /// Reads one line.
  mutating func read(_ line: DirectiveLine, number: Int) {
    lineCount = number
    if let flaw = line.flaw {
      complain(flaw.message, at: Place(line: number, column: flaw.column, word: flaw.word))
      noteIntention(of: line.words)
      return
    }
    guard let first = line.words.first else { return }
    var reader = DirectiveReader(words: line.words, line: number)
    guard let directive = Directive(rawValue: first.text) else {
      let hint = Directive.nearest(to: first.text).map { ": did you mean '\($0.rawValue)'?" }
      complain("unknown directive" + (hint ?? ""), at: reader.directivePlace)
      return
    }
    read(directive, from: &reader)
    reader.end()
    for complaint in reader.complaints { complain(complaint.message, at: complaint.place) }
  }

  private mutating func read(_ directive: Directive, from reader: inout DirectiveReader) {
    switch directive {
    case .sentinel: readSentinel(&reader)
    case .vip: readVirtualAddress(&reader)
    case .redis: readRedis(&reader)
    case .lease: readLease(&reader)
    case .blind: readBlind(&reader)
    case .fence: readFence(&reader)
    case .announce: readAnnounce(&reader)
    case .probe: readProbe(&reader)
    case .onCarrierLoss: readOnCarrierLoss(&reader)
    case .onDeath: readOnDeath(&reader)
    case .authUser: readCredential(.authUser, &reader)
    case .authPassFile: readCredential(.authPassFile, &reader)
    case .channelKeyFile: readChannelKeyFile(&reader)
    case .daemonless: readDaemonless(&reader)
    case .control: controlPath = readPath(.control, &reader, limit: ValueRules.maxSocketPath)
    case .hook: hookPath = readPath(.hook, &reader, limit: ValueRules.maxSocketPath)
    case .metrics: readMetrics(&reader)
    case .stateDirectory: stateDirectory = readPath(.stateDirectory, &reader)?.value
    case .onStop: readOnStop(&reader)
    case .tls: readTLS(&reader)
    case .notify: readNotify(&reader)
    }
  }

  /// Notes what a line that can't be understood was about, so that it isn't called missing.
  private mutating func noteIntention(of words: [DirectiveLine.Word]) {
    guard let directive = words.first.flatMap({ Directive(rawValue: $0.text) }) else { return }
    if directive == .sentinel { hasSentinelLine = true }
    if directive == .vip, words.count > 1 { _ = groupIndex(of: words[1].text) }
  }

  /// Notes that something is wrong at a place.
  mutating func complain(_ message: String, at place: Place) {
    problems.append(problem(message, at: place))
  }

  /// Notes something that is allowed but has a price.
  mutating func caution(_ message: String, at place: Place) {
    cautions.append(problem(message, at: place))
  }

  private func problem(_ message: String, at place: Place) -> ConfigurationProblem {
    ConfigurationProblem(
      file: file, line: place.line, column: place.column, word: place.word, message: message)
  }

  /// Notes that a directive stands here; complains if it stood before.
  mutating func once(_ directive: Directive, scope: String = "", _ reader: inout DirectiveReader) {
    let key = Self.key(directive, scope)
    let place = reader.directivePlace
    if let line = seen[key] {
      let whose = scope.isEmpty ? "" : " for '\(ConfigurationProblem.printable(scope))'"
      reader.complain("repeated\(whose): it already stands in line \(line)", at: place)
    } else {
      seen[key] = place.line
    }
  }

  /// Whether a directive stands in the file, well or badly written.
  func stands(_ directive: Directive, scope: String) -> Bool {
    seen[Self.key(directive, scope)] != nil
  }

  private static func key(_ directive: Directive, _ scope: String) -> String {
    "\(directive.rawValue) \(scope)"
  }

  /// The place in `groups` of a group, which is made if there is none.
  mutating func groupIndex(of masterName: String) -> Int {
    if let index = groups.firstIndex(where: { $0.masterName == masterName }) { return index }
    groups.append(GroupDraft(masterName: masterName))
    return groups.count - 1
  }
}

/// What is known of a group so far.
struct GroupDraft {
  var masterName: String
  var virtualAddresses: [Located<VirtualAddress>] = []
}

/// What the lines other than `vip` say of a group.
struct GroupSettings {
  var redis: Located<Endpoint>?
  var redisLocal: Located<Endpoint>?
  var redisUser: Located<String>?
  var redisPasswordFile: String?
  var leaseLimit: Duration?
  var blindPolicy = GroupConfiguration.BlindPolicy.release
  var fence = FencePolicy.off
  var deathPolicy: DeathPolicy?
  var announcement = AnnouncementPlan()
  var channelKeyFile: String?
  var probesForDuplicates = true
  var ignoredClaimants: Set<MACAddress> = []
  var tls: TLSSettings?
  var notifyProgram: String?
  /// Where `on-carrier-loss MASTER move` stands.
  var movesOnCarrierLoss: Place?
}
