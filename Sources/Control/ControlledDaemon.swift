package import FailoverCore
package import Platform
package import Store
package import Wording

/// What the control sockets ask of the daemon.
package protocol ControlledDaemon: AnyObject {
  var clock: HostClock { get }
  var history: HistoryStore { get }
  /// Every group that has begun, in the order of the configuration.
  var controlledGroups: [any ControlledGroup] { get }
  /// What is wrong with the daemon itself and not with a group.
  var problems: [GroupProblem] { get }
  /// Why each Sentinel out of contact is lost, in its own words or the system's.
  var sentinelLosses: [SentinelID: String] { get }
  /// Whether there is a configuration file to be read again.
  var followsFile: Bool { get }

  /// The interface that an address belongs to; nil if that can't be told.
  func interfaceName(of address: VirtualAddress) -> String?
  /// Takes in that Sentinel's hook was called: a hint for one group.
  ///
  /// - Returns: whether there is such a group.
  func hookCalled(_ masterName: String) -> Bool
  /// Counts a client that was not let in.
  func countRefusedClient()
  /// Reads the configuration file again; the callback gets why nothing came of it, or nil if it is in
  /// force.
  func readFileAgain(_ done: @escaping (_ refusal: String?) -> Void)
  /// Puts back what the fence changed in Redis, and releases the addresses at the next stop; the callback
  /// gets what is not as it should be, or nil if nothing is left of this daemon.
  func retire(_ done: @escaping (_ problem: String?) -> Void)
  /// Tells a listener of every report of a group from now on; nil ends that.
  func tellReports(to listener: ((GroupReport) -> Void)?, as key: ObjectIdentifier)
}

extension ControlledDaemon {
  /// The group of a master name.
  func group(_ masterName: String) -> (any ControlledGroup)? {
    controlledGroups.first { $0.masterName == masterName }
  }
}
