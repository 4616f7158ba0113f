import Addresses
import FailoverCore
import LineCoding
import Wording

/// The content of a group's file in the state directory: a word and its value a line.
struct StateRecord: Equatable, Sendable {
  /// When a pause ends.
  enum PauseEnd: Equatable, Sendable {
    case forever
    /// In nanoseconds since 1970.
    case until(wallNanoseconds: Int64)
  }

  /// The greatest number of Sentinels ever reported.
  var sentinels = 0
  /// Every Sentinel that was ever met or listed.
  var known: [KnownSentinel] = []
  var pause: PauseEnd?
  /// The config epoch in which this node held last; nothing once it gave way to another.
  var heldEpoch: UInt64?
  /// What is to be known about the fence.
  var fence: FenceMemory?
  /// What a move that has not ended is to restore.
  var priority: PriorityMemory?

  init() {}

  /// Reads the file; lines of a newer daemon are skipped, and of damaged ones each costs itself.
  init(text: String) {
    var damage = Damage()
    self.init(text: text, &damage)
  }

  /// The same, and what is damaged.
  ///
  /// The number of Sentinels must not be lower than what is known: with too small a number too few
  /// confirm a lease. Where its own line is lost, those that are known by name count.
  init(text: String, _ damage: inout Damage) {
    var reader = Reader()
    for line in text.split(separator: "\n") where !reader.take(line) {
      damage.lines.append(String(line))
    }
    damage.lacksCount = !reader.hasCount
    self = reader.record
    fence = reader.operators.map { FenceMemory(operatorSetting: $0, armed: reader.armed) }
    guard !damage.isEmpty else { return }
    let counted = known.count { $0.fate == .counted } + reader.lostSentinels
    sentinels = min(max(sentinels, counted), Timing.maxSentinels)
  }

  /// Nothing of it but how many Sentinels there are.
  var countAlone: StateRecord {
    var record = StateRecord()
    record.sentinels = sentinels
    return record
  }

  /// The text of the file.
  var text: String {
    var lines = ["sentinels \(sentinels)"] + known.compactMap(\.text).map { "known \($0)" }
    switch pause {
    case nil: break
    case .forever: lines.append("pause forever")
    case .until(let wall): lines.append("pause-until \(wall)")
    }
    if let fence {
      lines.append("fence-found \(fence.operatorSetting.text)")
      if let armed = fence.armed { lines.append("fence-armed \(armed.text)") }
    }
    if let priority { lines.append("priority \(priority.text)") }
    if let heldEpoch { lines.append("held-epoch \(heldEpoch)") }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension StateRecord {
  /// What of a file could not be read.
  struct Damage: Equatable, Sendable {
    /// The damaged lines.
    var lines: [String] = []
    /// Whether the number of Sentinels, which each file has, is among them or is not there at all.
    var lacksCount = false

    /// Whether everything could be read.
    var isEmpty: Bool { lines.isEmpty && !lacksCount }

    /// A sentence for people: what is lost, and what is taken to be true instead.
    func sentence(of path: String, _ record: StateRecord) -> String {
      let others = lines.count > 1 ? " and \(lines.count - 1) more" : ""
      let lost = lines.first.map { ": '\($0.shortened)'\(others) can't be read" }
      let number =
        record.sentinels == 1 ? "1 Sentinel counts" : "\(record.sentinels) Sentinels count"
      let count = lacksCount ? "; \(number) until more are met" : ""
      return
        "\(path) is damaged\(lost ?? "")\(count). The other lines are used. Check the disk, and "
        + "pause this host again if it was paused"
    }
  }

  /// Reads a file line by line.
  private struct Reader {
    var record = StateRecord()
    var hasCount = false
    var operators: FenceSetting?
    var armed: FenceSetting?
    /// Damaged lines that may each have been a Sentinel that counts.
    var lostSentinels = 0

    /// Takes in a line; false if it is damaged.
    mutating func take(_ line: Substring) -> Bool {
      let words = line.split(separator: " ")
      guard words.count == 2, Self.isKeyword(words[0]) else {
        if words.first == "known" { lostSentinels += 1 }
        return false
      }
      let value = words[1]
      switch words[0] {
      case "sentinels": return takeCount(value)
      case "known": return takeKnown(value)
      case "pause-until":
        guard let wall = Int64(value), wall >= 0 else { return false }
        record.pause = .until(wallNanoseconds: wall)
      case "pause":
        guard value == "forever" else { return false }
        record.pause = .forever
      case "held-epoch": return Self.take(UInt64(value), &record.heldEpoch)
      case "fence-found": return Self.take(FenceSetting(text: value), &operators)
      case "fence-armed": return Self.take(FenceSetting(text: value), &armed)
      case "priority": return Self.take(PriorityMemory(text: value), &record.priority)
      default: break  // A newer daemon's.
      }
      return true
    }

    private mutating func takeCount(_ value: Substring) -> Bool {
      guard let count = Int(value), (0...Timing.maxSentinels).contains(count) else {
        return false
      }
      record.sentinels = max(record.sentinels, count)
      hasCount = true
      return true
    }

    private mutating func takeKnown(_ value: Substring) -> Bool {
      guard let sentinel = KnownSentinel(text: value) else {
        let isLeftOut = KnownSentinel.Fate.allCases.contains {
          $0 != .counted && value.hasPrefix($0.rawValue + "/")
        }
        if !isLeftOut { lostSentinels += 1 }
        return false
      }
      if record.known.count < Timing.maxSentinels { record.known.append(sentinel) }
      return true
    }

    private static func take<Value>(_ new: Value?, _ value: inout Value?) -> Bool {
      guard let new else { return false }
      value = new
      return true
    }

    /// Whether a word may be the first of a line: lower-case letters and hyphens.
    private static func isKeyword(_ word: Substring) -> Bool {
      word.utf8.allSatisfy {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "-")
      }
    }
  }
}

extension KnownSentinel {
  /// Reads `counted/RUN-ID/10.77.0.1:26379`; the address is `-` where there is none.
  init?(text: Substring) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3, let fate = Fate(rawValue: parts[0]), Self.isWord(parts[1]) else {
      return nil
    }
    let endpoint = Endpoint(parts[2])
    guard endpoint != nil || parts[2] == "-" else { return nil }
    self.init(runID: parts[1], endpoint: endpoint, fate: fate)
  }

  /// The text of the file; nil for a run id that would not be one word of it.
  var text: String? {
    guard Self.isWord(runID) else { return nil }
    return "\(fate.rawValue)/\(runID)/\(endpoint?.description ?? "-")"
  }

  private static func isWord(_ runID: String) -> Bool {
    (1...64).contains(runID.utf8.count)
      && runID.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "/") }
  }
}

extension FenceSetting {
  /// Reads `2/10`, replicas and seconds; nothing for what Redis would not take, and for a closed
  /// fence, which nobody wants back.
  init?(text: Substring) {
    guard let (replicas, lag) = numbers(text) else { return nil }
    self.init(minReplicas: replicas, maxLagSeconds: lag)
    if isClosed { return nil }
  }

  /// The text of the file.
  var text: String { "\(minReplicas)/\(maxLagSeconds)" }
}

extension PriorityMemory {
  /// Reads `100/1`, the operator's and the lowered priority; nothing for what Redis would not take.
  init?(text: Substring) {
    guard let (original, lowered) = numbers(text) else { return nil }
    self.init(original: original, lowered: lowered)
  }

  /// The text of the file.
  var text: String { "\(original)/\(lowered)" }
}

/// Reads two settings of Redis, which takes 0 to 2147483647 (config.c).
private func numbers(_ text: Substring) -> (Int, Int)? {
  let pair = LineField(text, marks: ["/"])
  guard let first = pair.name.flatMap({ Int32($0) }), let second = Int32(pair.value),
    first >= 0, second >= 0
  else { return nil }
  return (Int(first), Int(second))
}

extension LeaseProof {
  /// Reads a proof that was written since the host booted; nothing for any other.
  init?(text: String, bootID: String) {
    let words = text.split { $0 == " " || $0 == "\n" }
    guard words.count == 6, words[0] == "boot", words[1] == bootID, !bootID.isEmpty,
      words[2] == "proven", let nanoseconds = Int64(words[3]), nanoseconds >= 0,
      words[4] == "epoch", let epoch = UInt64(words[5])
    else { return nil }
    self.init(provenAt: Instant(nanoseconds: nanoseconds), configEpoch: epoch)
  }

  /// The text of the file; its instants mean nothing to another boot.
  func text(bootID: String) -> String {
    "boot \(bootID)\nproven \(provenAt.nanoseconds)\nepoch \(configEpoch)\n"
  }
}
