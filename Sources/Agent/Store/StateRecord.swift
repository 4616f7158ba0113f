import Addresses
import FailoverCore

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

  /// Reads the file; lines that are not understood, from a newer daemon, are skipped.
  init?(text: String) {
    var operators: FenceSetting?
    var armed: FenceSetting?
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 2 else { continue }
      switch words[0] {
      case "sentinels":
        guard let count = Int(words[1]), (0...10_000).contains(count) else { return nil }
        sentinels = count
      case "known":
        if let sentinel = KnownSentinel(text: words[1]), known.count < Timing.mostSentinels {
          known.append(sentinel)
        }
      case "pause-until":
        guard let wall = Int64(words[1]), wall >= 0 else { return nil }
        pause = .until(wallNanoseconds: wall)
      case "pause" where words[1] == "forever": pause = .forever
      case "held-epoch":
        guard let epoch = UInt64(words[1]) else { return nil }
        heldEpoch = epoch
      case "fence-found": operators = FenceSetting(text: words[1])
      case "fence-armed": armed = FenceSetting(text: words[1])
      case "priority": priority = PriorityMemory(text: words[1])
      default: continue
      }
    }
    // Damage to these costs them alone: the number of Sentinels matters more.
    fence = operators.map { FenceMemory(operatorSetting: $0, armed: armed) }
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

extension KnownSentinel {
  /// Reads `counted/RUN-ID/10.77.0.1:26379`; the address is `-` where there is none.
  init?(text: Substring) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 3, let fate = Fate(rawValue: String(parts[0])), !parts[1].isEmpty else {
      return nil
    }
    self.init(
      runID: String(parts[1]), endpoint: parts[2] == "-" ? nil : Endpoint(String(parts[2])),
      fate: fate)
  }

  /// The text of the file; nil for a run id that would not be one word of it.
  var text: String? {
    let isWord = runID.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "/") }
    guard isWord, (1...64).contains(runID.utf8.count) else { return nil }
    return "\(fate.rawValue)/\(runID)/\(endpoint?.description ?? "-")"
  }
}

extension FenceSetting {
  /// Reads `2/10`, replicas and seconds; nothing for what Redis would not take (config.c), and
  /// for a closed fence, which nobody wants back.
  init?(text: Substring) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let replicas = Int32(parts[0]), let lag = Int32(parts[1]),
      replicas >= 0, lag >= 0
    else { return nil }
    self.init(minReplicas: Int(replicas), maxLagSeconds: Int(lag))
    if isClosed { return nil }
  }

  /// The text of the file.
  var text: String { "\(minReplicas)/\(maxLagSeconds)" }
}

extension PriorityMemory {
  /// Reads `100/1`, the operator's and the lowered priority; nothing for what Redis would not take.
  init?(text: Substring) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let original = Int32(parts[0]), let lowered = Int32(parts[1]),
      original >= 0, lowered >= 0
    else { return nil }
    self.init(original: Int(original), lowered: Int(lowered))
  }

  /// The text of the file.
  var text: String { "\(original)/\(lowered)" }
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
