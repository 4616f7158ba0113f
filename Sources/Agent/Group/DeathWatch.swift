import LinuxNetwork

/// Whether the local Redis is dead beyond doubt, by the sockets of this host.
///
/// Behind a translation, as of a container's published port, nothing of this host listens while Redis
/// lives, and nothing follows from that.
struct DeathWatch {
  /// Whether a socket was seen while it lived; nil while nobody looked.
  private(set) var isVisible: Bool?
  private var wasLookedAt = false
  private var isDead = false

  /// Whether it was not looked at since it answers.
  var isLifeNew: Bool { !wasLookedAt || isDead }

  /// Whether a refused connection may show that it died.
  var mayHaveDied: Bool { isVisible == true && !isDead }

  /// Takes in what was seen while it answers.
  mutating func recordLife(_ use: PortUse?) {
    isVisible = use.map { $0 == .listened }
    (wasLookedAt, isDead) = (true, false)
  }

  /// Takes in what was seen when a connection was refused.
  ///
  /// - Returns: whether it is dead, and that is news.
  mutating func recordRefusal(_ use: PortUse?) -> Bool {
    guard mayHaveDied, use == .unused else { return false }
    isDead = true
    return true
  }
}
