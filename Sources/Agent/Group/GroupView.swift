import FailoverCore

/// What a group knows of itself and of its neighbours at one moment, as its rooms are told it.
struct GroupView {
  /// The instances that Sentinel names, and which of them are this host's.
  var instances = InstanceFinder()
  /// The role of the local Redis; nil while it does not answer.
  var role: LocalRole?
  /// Whether this node holds an address by its own decision and by the kernel's word.
  var isHolding = false
  /// What the other daemons said of themselves.
  var peers = PeerTable()
}
