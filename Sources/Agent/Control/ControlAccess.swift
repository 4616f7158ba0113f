import Glibc
import NIOCore
import NIOPosix

/// Who may speak to the daemon: root, the daemon's own user, and the group `vipd`.
///
/// The mode of the socket says the same to the kernel; what the peer's credentials say
/// (SO_PEERCRED, unix(7)) also holds where a directory or a mode was changed by hand.
final class ControlAccess {
  private let ownUser = geteuid()
  private let pool: NIOThreadPool
  /// The group whose members are operators; nothing while it is not known.
  private(set) var group: UInt32?
  /// The socket that is theirs, once it is there.
  private var operatorsPath: String?

  init(pool: NIOThreadPool, group: UInt32? = OperatorGroup.numberInFile()) {
    self.pool = pool
    self.group = group
  }

  /// Finds the group where it does not stand in /etc/group; nobody waits for that.
  func findGroup(
    on threads: LookupThreads,
    lookUp: @escaping @Sendable () -> UInt32? = OperatorGroup.numberByName
  ) {
    guard group == nil else { return }
    threads.run(lookUp) { [weak self] number in
      guard let self, let number else { return }
      group = number
      if let operatorsPath { _ = grant(operatorsPath, to: .operators) }
    }
  }

  /// What the kernel says of the other end (`struct ucred`, unix(7)).
  struct Peer: Sendable {
    var processID: Int32
    var user: UInt32
    var group: UInt32
  }

  /// Gives the socket its mode and group; says what went wrong.
  func grant(_ path: String, to door: ControlDoor) -> String? {
    if door == .operators { operatorsPath = path }
    let mode: mode_t = door == .operators ? 0o660 : 0o666
    if door == .operators, let group, unsafe chown(path, ownUser, group) != 0, ownUser == 0 {
      return FileProblem("give to the group \(OperatorGroup.name)", path).description
    }
    guard unsafe chmod(path, mode) == 0 else {
      return FileProblem("set the mode of", path).description
    }
    return nil
  }

  /// Finds out whether the other end of a channel is an operator.
  func decide(_ channel: any Channel, then use: @escaping (Bool) -> Void) {
    guard let provider = channel as? any SocketOptionProvider else { return use(false) }
    let peer: EventLoopFuture<Peer> = provider.unsafeGetSocketOption(
      level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
    peer.assumeIsolated().whenComplete { [self] result in
      guard case .success(let peer) = result else { return use(false) }
      if peer.user == 0 || peer.user == ownUser || peer.group == group { return use(true) }
      guard let group else { return use(false) }
      // A member by /etc/group shows it only in its process's list of groups (proc(5)).
      pool.runIfActive(eventLoop: channel.eventLoop) {
        Self.groups(of: peer.processID).contains(group)
      }
      .assumeIsolated().whenComplete { use((try? $0.get()) ?? false) }
    }
  }

  private static func groups(of processID: Int32) -> [UInt32] {
    SmallFile.text(at: "/proc/\(processID)/status").map(groups(in:)) ?? []
  }

  /// The groups that a status of proc_pid_status(5) lists: the first behind a tab, the others
  /// behind a space each.
  static func groups(in status: String) -> [UInt32] {
    let line = status.split(separator: "\n").first { $0.hasPrefix("Groups:") }
    return line?.dropFirst("Groups:".count).split { $0 == " " || $0 == "\t" }
      .compactMap { UInt32($0) } ?? []
  }
}
