/// How long the kernel keeps an address without hearing of it again (`valid_lft`, ip-address(8)).
public enum AddressLifetime: Hashable, Sendable {
  /// Whole seconds, 1 or more; the kernel removes the address up to one second late.
  case seconds(UInt32)
  /// For ever: whoever installed it has to remove it.
  case infinite

  /// `INFINITY_LIFE_TIME` of the kernel's `include/net/addrconf.h`.
  static let infiniteSeconds = UInt32.max

  /// The value of `ifa_valid` (rtnetlink(7)); one second is the least that the kernel accepts.
  var kernelSeconds: UInt32 {
    switch self {
    case .seconds(let seconds): min(max(seconds, 1), Self.infiniteSeconds - 1)
    case .infinite: Self.infiniteSeconds
    }
  }

  /// Reads the value of `ifa_valid` or `ifa_prefered`.
  init(kernelSeconds: UInt32) {
    self = kernelSeconds == Self.infiniteSeconds ? .infinite : .seconds(kernelSeconds)
  }
}
