package import Addresses
package import ControlProtocol
package import FailoverCore
package import Wording

/// What the control sockets ask of one group, and tell it.
package protocol ControlledGroup: AnyObject {
  var masterName: String { get }
  /// What its machine knows and does now.
  var status: GroupStatus { get }
  /// What its machine was told to go by.
  var configuration: GroupConfiguration { get }
  /// What is wrong with it now.
  var problems: [GroupProblem] { get }
  /// What is counted of its clients.
  var sessionFigures: StatusDocument.Sessions { get }
  /// Whether the addresses answer; nil if nobody has looked.
  var lastSelfCheck: SelfCheckResult? { get }
  /// Whether the local Redis is the master that this node holds for.
  var isServing: Bool { get }
  var localRedis: any ControlledRedis { get }
  var plannedMoves: any ControlledMoves { get }
  /// The lines of the configuration that concern it, with the addresses that are known by now.
  var configuredSentinels: [(text: String, endpoints: [Endpoint])] { get }

  /// The node that holds the addresses, by its own word; nil if none says so.
  func holder(at now: Instant) -> Endpoint?
  /// The other nodes whose daemons said lately that an address could be served there.
  func otherServingNodes(at now: Instant) -> [Endpoint]
  /// How this host reaches a Sentinel, and what it can't use of its words on the group.
  func contact(of sentinel: SentinelID) -> SentinelContact
  /// Never takes the address until then; nil for until it is resumed.
  func pause(until: Instant?)
  /// Ends a pause.
  func resume()
  /// Lets go of the address, and pauses.
  func release()
  /// Asks the daemons of every host how it is there; the callback comes once, within some 2 s.
  func collectFacts(_ done: @escaping (FactsDocument.Group) -> Void)
  /// Takes in the operator's word that a Sentinel is gone for good, and passes it on.
  func forgetSentinel(_ runID: String)
}

/// The local Redis of a group, as its units ask for it.
package protocol ControlledRedis: AnyObject {
  /// Where it is reached; nil while it is not known which it is.
  var endpoint: Endpoint? { get }
  /// Whether this host would see that it died; nil while it was not looked.
  var isDeathVisible: Bool? { get }
  /// Takes in that its unit asks whether it may start.
  func guardCalled()
}

/// The planned moves of a group.
package protocol ControlledMoves: AnyObject {
  /// Whether another move can be waited for here.
  var canWait: Bool { get }
  /// Begins a move; `listener` hears of it until the end.
  ///
  /// - Returns: its number, by which it can be cancelled.
  func move(_ order: MoveOrder, _ listener: @escaping (MoveLine) -> Void) -> MoveID
  /// Moves the master of this host to whichever replica Sentinel chooses.
  ///
  /// - Returns: its number, by which it can be cancelled.
  func handOver(within limit: Duration, _ listener: @escaping (MoveLine) -> Void) -> MoveID
  /// Calls a move off, as far as that is safe.
  func cancel(_ id: MoveID)
  /// Tells the master that the local replica is about to be stopped, waits while it may be promoted, which
  /// `delayed` is told of, and again each second, and calls back once, at once where there is nothing to tell.
  ///
  /// - Returns: its number, by which it can be called off.
  func announceReplicaStop(
    within limit: Duration, delayed: @escaping (_ isNews: Bool) -> Void,
    _ call: @escaping (ReplicaStopAnswer) -> Void
  ) -> UInt64
  /// Waits no longer with that one; nothing is called back.
  func forgetReplicaStop(_ id: UInt64)
}

/// What came of the news that a replica is about to be stopped.
package enum ReplicaStopAnswer: Equatable {
  /// It may stop; what is told of it, or nil.
  case mayStop(String?)
  /// It has become the master, and holds the address.
  case serves
}

/// How this host reaches a Sentinel, and what it can't use of its words on a group.
package struct SentinelContact: Equatable {
  /// What it says of itself; nil for what it does not tell.
  package var version: String?
  package var isTilted: Bool?
  package var clockOffset: Duration?
  /// Why the last connection was lost.
  package var loss: String?
  /// Why its last answer counts for nothing.
  package var refusal: String?
  /// What of its last answer was left out.
  package var leftOut: [String] = []

  package init() {}
}
