/// The decisions for one group on one node: who holds the virtual address, and when.
public struct FailoverMachine: Sendable, Equatable {
  /// What the operator decided.
  public private(set) var configuration: GroupConfiguration

  /// Makes a machine that has seen nothing; its first event is `started`.
  public init(configuration: GroupConfiguration) {
    self.configuration = configuration
  }

  /// Takes in a fact and answers with orders, to be carried out in their order.
  ///
  /// `now` never goes back from one call to the next.
  public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    []
  }

  /// What the machine knows and does at an instant.
  public func status(at now: Instant) -> GroupStatus {
    GroupStatus(
      masterName: configuration.masterName, state: .standby, reason: .started, since: now,
      virtualAddresses: configuration.virtualAddresses,
      presence: configuration.virtualAddresses.map { _ in false }, basis: .none,
      guarantee: .strict, guaranteeLosses: [], toleratedSentinelLosses: 0, sentinelCount: 0,
      blindPolicy: configuration.blindPolicy, sentinels: [], obstacles: [])
  }
}
