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
  var pause: PauseEnd?
  /// The config epoch in which this node held last; nothing once it gave way to another.
  var heldEpoch: UInt64?

  init() {}

  /// Reads the file; lines that are not understood, from a newer daemon, are skipped.
  init?(text: String) {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 2 else { continue }
      switch words[0] {
      case "sentinels":
        guard let count = Int(words[1]), (0...10_000).contains(count) else { return nil }
        sentinels = count
      case "pause-until":
        guard let wall = Int64(words[1]), wall >= 0 else { return nil }
        pause = .until(wallNanoseconds: wall)
      case "pause" where words[1] == "forever": pause = .forever
      case "held-epoch":
        guard let epoch = UInt64(words[1]) else { return nil }
        heldEpoch = epoch
      default: continue
      }
    }
  }

  /// The text of the file.
  var text: String {
    var lines = ["sentinels \(sentinels)"]
    switch pause {
    case nil: break
    case .forever: lines.append("pause forever")
    case .until(let wall): lines.append("pause-until \(wall)")
    }
    if let heldEpoch { lines.append("held-epoch \(heldEpoch)") }
    return lines.joined(separator: "\n") + "\n"
  }
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
