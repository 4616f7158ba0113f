import Addresses
import Configuration

extension GroupSection {
  /// The port at which clients find an instance behind the virtual addresses.
  ///
  /// A port that only a translation knows, before it, is not one of the addresses'.
  func clientPort(of node: Endpoint) -> UInt16 { redisLocal?.port ?? node.port }
}
