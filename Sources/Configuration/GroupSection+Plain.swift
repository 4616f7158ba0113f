public import Addresses
import FailoverCore

extension GroupSection {
  /// The virtual addresses alone, in the order of the file.
  public var addresses: [IPAddress] { virtualAddresses.map(\.address) }

  /// Whether Redis is to refuse writes that would be lost.
  public var hasFence: Bool { fence != .off }
}
