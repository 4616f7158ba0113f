package import Addresses
package import FailoverCore

/// What the link to the local Redis tells its group.
package enum RedisLinkReport {
  /// It answered ROLE.
  case role(LocalRole, sentAt: Instant)
  /// It does not answer; the text is for the log.
  case lost(ConnectionLoss, String)
  /// It answered INFO replication while the acknowledging replicas are watched.
  case replicas(acknowledging: [Endpoint], sentAt: Instant)
  /// It answered INFO replication while the fence is watched.
  case replication(LocalReplication, sentAt: Instant)
  /// It told which process it is, and how much it has.
  ///
  /// Whether systemd runs it is nil if it does not tell.
  case identity(LocalIdentity, isRunBySystemd: Bool?, sentAt: Instant)
  /// It answered CONFIG GET min-replicas-*.
  case fence(FenceSetting, sentAt: Instant)
  /// It does not tell its setting.
  case fenceUnreadable(FenceProblem)
  /// An order about the fence came to its end.
  case fenceAnswered(FenceOrder, FenceProblem?)
  /// It answered CONFIG GET replica-priority, or did not; asked for a move.
  case priority(Int?, sentAt: Instant)
  /// The order to set its priority came to its end.
  case priorityAnswered(Int, FenceProblem?)
  /// A message arrived on the group's channel.
  case message([UInt8])
  /// It refused ROLE, in its own words.
  case roleRefused(ServerWords)
  /// It lets nobody subscribe to the group's channel; nothing once it does.
  case channelRefused(ServerWords?)
  /// Whether it, a master, takes its clients' writes.
  case health(RedisHealth)
  /// It answered what can't be used; the text is for the log.
  case sentNonsense(String)
}
