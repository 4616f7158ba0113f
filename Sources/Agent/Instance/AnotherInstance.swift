/// Another process on this host has what a daemon needs for itself alone, so this one must not begin.
public struct AnotherInstance: Error, Equatable, Sendable, CustomStringConvertible {
  /// The exit status of a program that did nothing for this reason.
  public static let exitStatus: Int32 = 5

  /// What the other process has.
  enum Possession: Equatable, Sendable {
    /// The lock on the state directory.
    case stateDirectory(String)
    /// A socket of the configuration: the path, and the directive that names it.
    case socket(String, directive: String)
  }

  let possession: Possession
  /// The other process; nil where the kernel does not say.
  let processID: Int32?

  /// What the other has, which process that is, and what to do.
  public var description: String {
    switch possession {
    case .stateDirectory(let path):
      let other = processID.map { "another vipd (pid \($0))" } ?? "another vipd"
      return "\(other) is at work with the state directory \(path), so this one touches nothing. "
        + "There is one vipd on a host: stop the other first, or, for other masters, give this one a "
        + "'state-dir', 'control' and 'hook' of its own"
    case .socket(let path, let directive):
      let other = processID.map { "process \($0)" } ?? "another process"
      return "\(other) answers on \(path), so this vipd touches nothing. Stop that process first, "
        + "or give this one a '\(directive)' of its own"
    }
  }
}
