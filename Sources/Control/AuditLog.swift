import FailoverCore
package import Logging
package import Platform
import Wording

/// Writes down who gave which order on the control sockets, and who was refused.
///
/// One line each, with the user, the process and the command. What only asks is not written. An
/// operator's lines and those of strangers are bounded apart: a flood of refused clients hides no
/// order.
package final class AuditLog {
  /// Lines that may come at once.
  static let burst = 20
  /// How often one more may come after that.
  static let pause = Duration.seconds(1)
  /// Words of a command that are written; no order has more.
  static let maxWords = 8
  /// Characters of a word that are written; a master name has at most as many.
  static let maxCharacters = 128

  private let logger: Logger
  private let clock: HostClock
  private let names: [UInt32: String]
  private var orders = LineBudget()
  private var refusals = LineBudget()

  /// Makes one that knows the users of this host by `names`, as they are when it begins: nothing
  /// is read while an operator waits.
  package init(
    _ logger: Logger, clock: HostClock, names: [UInt32: String] = UserNames.inFile()
  ) {
    self.logger = logger
    self.clock = clock
    self.names = names
  }

  /// Writes down a command that was carried out, or refused with an error.
  func answered(
    _ words: [String], from peer: @autoclosure () -> PeerCredentials?, refusal: String?
  ) {
    guard Self.isOrder(words) else { return }
    let order = "\(Self.text(of: words)) (by \(who(peer())))"
    guard let refusal else { return write("Order: \(order)", in: \.orders, at: clock.now()) }
    write("Refused: \(order): \(Self.plain(refusal))", in: \.refusals, at: clock.now())
  }

  /// Writes down a client that was not let in.
  func turnedAway(_ peer: PeerCredentials?) {
    let reason = "only root and the group \(OperatorGroup.name) may ask"
    write("Refused: a client (\(who(peer))): \(reason)", in: \.refusals, at: clock.now())
  }

  private func write(
    _ line: String, in budget: ReferenceWritableKeyPath<AuditLog, LineBudget>, at now: Instant
  ) {
    guard let leftOut = self[keyPath: budget].admit(at: now) else { return }
    let note = leftOut == 0 ? "" : "; \(leftOut) such lines before it were left out"
    logger.notice("\(line)\(note)")
  }

  /// Whether a command changes something.
  static func isOrder(_ words: [String]) -> Bool {
    let upper = words.map { $0.uppercased() }
    return switch upper.first {
    case "PAUSE", "RESUME", "RELEASE", "RELOAD", "RETIRE", "HANDOVER", "CANCEL": true
    case "MOVE": !upper.contains("DRYRUN")
    case "SENTINELS": upper.dropFirst().first == "FORGET"
    default: false
    }
  }

  /// `uid 1000 (me), pid 4711 (vipctl)`, as far as it can be told.
  private func who(_ peer: PeerCredentials?) -> String {
    guard let peer else { return "unknown" }
    let user = "uid \(peer.user)" + (names[peer.user].map { " (\($0))" } ?? "")
    guard let process = peer.processID else { return user }
    // What the process says of itself (proc(5)); `ProtectProc=` hides those of other users.
    let program = SmallFile.text(at: "/proc/\(process)/comm").map { " (\(Self.plain($0)))" }
    return "\(user), pid \(process)\(program ?? "")"
  }

  /// A command as one line, its words in quotes where they have unusual characters.
  static func text(of words: [String]) -> String {
    let shown = words.prefix(maxWords).enumerated().map { index, word in
      let text = plain(index == 0 ? word.uppercased() : word)
      return text.isEmpty || text.contains { " \"()".contains($0) } ? "'\(text)'" : text
    }
    return shown.joined(separator: " ") + (words.count > maxWords ? " ..." : "")
  }

  /// A text without what could end a line or look like another one.
  private static func plain(_ text: String) -> String {
    let scalars = text.unicodeScalars.prefix(maxCharacters).map { scalar in
      (32..<127).contains(scalar.value) && scalar != "'" ? Character(scalar) : "?"
    }
    return String(scalars) + (text.unicodeScalars.count > maxCharacters ? "..." : "")
  }
}

/// How many lines may still be written (a token bucket).
struct LineBudget: Equatable {
  private var left = AuditLog.burst
  private var filledAt: Instant?
  private var leftOut = 0

  /// How many lines were left out before this one; nil if this one is left out too.
  mutating func admit(at now: Instant) -> Int? {
    fill(at: now)
    guard left > 0 else {
      leftOut += 1
      return nil
    }
    left -= 1
    defer { leftOut = 0 }
    return leftOut
  }

  private mutating func fill(at now: Instant) {
    guard let filled = filledAt, left < AuditLog.burst else {
      filledAt = now
      return
    }
    guard now - filled >= AuditLog.pause else { return }
    let more = Int((now - filled) / AuditLog.pause)
    left = min(AuditLog.burst, left + more)
    filledAt = now
  }
}

/// The names of the users of this host.
package enum UserNames {
  /// Those in /etc/passwd (passwd(5)), by number; users of a directory have none here.
  package static func inFile(_ path: String = "/etc/passwd") -> [UInt32: String] {
    var names: [UInt32: String] = [:]
    for line in (SmallFile.text(at: path) ?? "").split(separator: "\n") {
      let fields = line.split(separator: ":", omittingEmptySubsequences: false)
      guard fields.count >= 3, let number = UInt32(fields[2]), names[number] == nil else {
        continue
      }
      names[number] = String(fields[0])
    }
    return names
  }
}
