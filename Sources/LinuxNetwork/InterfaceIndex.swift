/// The kernel's number of a network interface, 1 or greater (netdevice(7)).
///
/// A name can be given to another interface; an index is not used again while the host runs,
/// short of wrapping round.
public struct InterfaceIndex: RawRepresentable, Hashable, Sendable, Comparable {
  /// The number.
  public var rawValue: UInt32

  /// Makes an index from its number.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Orders by number.
  public static func < (left: InterfaceIndex, right: InterfaceIndex) -> Bool {
    left.rawValue < right.rawValue
  }
}

extension InterfaceIndex: CustomStringConvertible {
  /// The number.
  public var description: String { String(rawValue) }
}
