import FailoverCore
import LinuxNetwork

extension KernelLifetime {
  /// The same for the kernel's table.
  var forKernel: AddressLifetime {
    switch self {
    case .seconds(let seconds): .seconds(UInt32(clamping: max(1, seconds)))
    case .infinite: .infinite
    }
  }
}
