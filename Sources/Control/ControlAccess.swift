import FailoverCore
import Glibc
import NIOCore
package import Platform

/// Who may speak to the daemon: root, the daemon's own user, and the group `vipd`.
///
/// The mode of the socket says the same to the kernel; what the peer's credentials say
/// (SO_PEERCRED, unix(7)) also holds where a directory or a mode was changed by hand.
package final class ControlAccess {
  /// How long after the group was not found it is looked for again, when somebody asks who may be
  /// of it: the directory that knows it may have been silent at boot.
  static let retryPeriod = Duration.seconds(10)

  /// Finds the number of the group; may block.
  package typealias Lookup = @Sendable () -> UInt32?

  private let ownUser = geteuid()
  private let clock = HostClock()
  /// The group whose members are operators; nothing while it is not known.
  private(set) var group: UInt32?
  /// The socket that is theirs, once it is there.
  private var operatorsPath: String?
  private var search: (threads: BlockingThreads, lookUp: Lookup)?
  private(set) var isSearching = false
  private var searchedAt: Instant?

  package init(group: UInt32? = OperatorGroup.numberInFile()) {
    self.group = group
  }

  /// Finds the group where it does not stand in /etc/group; nobody waits for that.
  package func findGroup(
    on threads: BlockingThreads, lookUp: @escaping Lookup = OperatorGroup.numberByName
  ) {
    search = (threads, lookUp)
    searchGroup(at: clock.now())
  }

  private func searchGroup(at now: Instant) {
    guard group == nil, !isSearching, let search else { return }
    if let searchedAt, now - searchedAt < Self.retryPeriod { return }
    isSearching = true
    search.threads.run(search.lookUp) { [weak self] in self?.found($0) }
  }

  private func found(_ number: UInt32?) {
    isSearching = false
    searchedAt = clock.now()
    guard let number else { return }
    group = number
    if let operatorsPath { _ = grant(operatorsPath, to: .operators) }
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

  /// Whether the other end of a channel is an operator; known at once.
  func admits(_ channel: any Channel) -> Bool {
    PeerCredentials(of: channel).map { admits($0, at: clock.now()) } ?? false
  }

  /// Whether somebody is an operator.
  func admits(_ peer: PeerCredentials, at now: Instant) -> Bool {
    if peer.user == 0 || peer.user == ownUser { return true }
    searchGroup(at: now)
    return group.map(peer.isMember) ?? false
  }
}
