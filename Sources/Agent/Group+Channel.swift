import Addresses
import ChannelMessages
import FailoverCore

/// What the other daemons of the group said of themselves.
struct PeerTable {
}

extension Group {
  /// How often each daemon says how it is.
  static let stateLinePeriod = Duration.seconds(1)

  /// Publishes a notice on the master that replicas follow, and at one node besides.
  func publish(_ notice: Notice, also: Endpoint?) {
  }

  /// Says each second who this node is and whether it holds the address.
  func publishStateLine(at now: Instant) {
  }

  /// Takes in a message of the channel.
  func received(_ bytes: [UInt8]) {
  }
}
