import Addresses
import FailoverCore
import Wording

/// What is wrong about a death of the local Redis: that it would not be noticed, that it would lose data,
/// or that it has.
struct DeathProblems {
  let masterName: String
  let status: GroupStatus
  /// The instance of this host.
  let instance: Endpoint?
  /// Whether this host would see that it died; nil while it was not looked.
  let isVisible: Bool?
  /// Whether systemd then starts it again without asking.
  let lacksGuard: Bool

  /// What is wrong; empty if all is well.
  var problems: [GroupProblem] { unseen + unguarded + emptied }

  /// `on-death failover` where nobody here would notice a death.
  private var unseen: [GroupProblem] {
    guard status.deathPolicy == .failover, isVisible == false, let instance else { return [] }
    return [
      GroupProblem(
        label: "death-unseen",
        sentence:
          "Redis answers at \(instance), but no process of this host listens there (a published port of a "
          + "container, or a translation), so its death can't be known at once: 'on-death "
          + "\(masterName) wait' says what happens here")
    ]
  }

  /// `on-death failover` where systemd starts a dead master again before its successor is there.
  private var unguarded: [GroupProblem] {
    guard status.deathPolicy == .failover, lacksGuard else { return [] }
    return [
      GroupProblem(
        label: "guard-missing",
        sentence:
          "systemd starts a Redis that died again at once, also where it lost data that its replicas "
          + "have: install the drop-in for its unit (redis-server.service.d/vipd.conf), or say 'on-death "
          + "\(masterName) wait'")
    ]
  }

  /// A master that came back with less than its replicas had, and was not failed over from.
  private var emptied: [GroupProblem] {
    guard let loss = status.emptied else { return [] }
    return [
      GroupProblem(
        label: "master-emptied",
        sentence:
          "this master was restarted \(loss.comparison), and nobody could be promoted in time: what it "
          + "lacked is lost as soon as its replicas have synchronized with it. Look for a backup (dump.rdb "
          + "there, before the next save); this is shown until this Redis is restarted or another is the "
          + "master")
    ]
  }
}
