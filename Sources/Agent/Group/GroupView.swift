import Addresses
import ChannelMessages
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

/// What every room of a group is given of it.
struct GroupPort {
  /// This daemon's number on the channel.
  let sender: UInt64
  /// Takes what is told to people.
  let journal: Journal
  let view: () -> GroupView
  /// What the machine knows; nil once the group is gone.
  let status: (Instant) -> GroupStatus?
  /// Says something to all, and to one node directly.
  let send: (ChannelMessage.Body, _ also: Endpoint?) -> Void
  /// Takes a fact for the machine.
  let deliver: (Event) -> Void
}
