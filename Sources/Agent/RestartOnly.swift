import Configuration

/// What becomes of a directive's new value when the file is read again.
enum ReloadEffect: Sendable {
  /// It is in force at once.
  case applied
  /// It would be in force for a part only, so the file is refused until it is put back or the daemon
  /// restarted.
  case refused(directive: String, value: @Sendable (Configuration) -> String)
  /// The running daemon does not use it.
  case unused
}

extension Configuration {
  /// What a reload does with each setting; a test holds that none is missing.
  ///
  /// The sockets are where operators, Sentinel's scripts and the unit's sandbox look, and the proof of a
  /// holding lies beside one. The state directory holds what this daemon writes, and its lock.
  static let reloadEffects: [String: ReloadEffect] = [
    "sentinels": .applied,
    "sentinelCredentials": .applied,
    "sentinelTLS": .applied,
    "groups": .applied,
    // The hook reads it by itself.
    "isDaemonless": .unused,
    "controlPath": .refused(directive: "control") { $0.controlPath },
    "hookPath": .refused(directive: "hook") { $0.hookPath },
    "metrics": .applied,
    "stateDirectory": .refused(directive: "state-dir") { $0.stateDirectory },
    "stopPolicy": .applied,
    // Told at each reading.
    "cautions": .applied,
  ]

  /// Why another configuration can't be changed to without a restart, a sentence for each directive.
  func restartReasons(for new: Configuration) -> [String] {
    Self.reloadEffects.values.compactMap { effect in
      guard case .refused(let directive, let value) = effect,
        value(new) != value(self)
      else { return nil }
      return "'\(directive)' is \(value(new)) now and was \(value(self)), which "
        + "takes a restart: systemctl restart vipd, or put the line back and reload"
    }.sorted()
  }
}
