import Addresses
import Configuration
import FailoverCore
import Kernel
import LinuxNetwork

/// Removes what a daemon that died left behind; for `ExecStopPost=` of its unit.
public enum Sweep {
  /// Removes the configured addresses that the kernel would keep for ever.
  ///
  /// One with a lifetime is left: the kernel removes it in time, and a daemon that is started
  /// again within it goes on without an outage.
  ///
  /// - Returns: what was removed, and what could not be, as lines for people.
  /// - Throws: if a daemon is at work with this configuration: nothing was left behind then.
  public static func run(
    _ loaded: LoadedConfiguration
  ) throws(AnotherInstance) -> (removed: [String], problems: [String]) {
    // Held until the end of the sweep, so that no daemon begins meanwhile.
    let lock = try InstanceLock.sole(of: loaded.configuration)
    defer { withExtendedLifetime(lock) {} }
    return sweep(loaded)
  }

  private static func sweep(
    _ loaded: LoadedConfiguration
  ) -> (removed: [String], problems: [String]) {
    let addresses = Set(
      loaded.configuration.groups.flatMap(\.virtualAddresses).map(\.address))
    do throws(NetlinkError) {
      var table = try AddressTable()
      let found = try table.addresses().movable(addresses).filter {
        $0.validLifetime == .infinite
      }
      let outcomes = try table.apply(
        found.map { .delete($0.address, prefixLength: $0.prefixLength, on: $0.interface) })
      var (removed, problems): ([String], [String]) = ([], [])
      for (assigned, outcome) in zip(found, outcomes) {
        if case .refused(let refusal) = outcome {
          problems.append(refusal.description)
        } else {
          removed.append("removed \(assigned.address), which was left on this host")
        }
      }
      return (removed, problems)
    } catch {
      return ([], [error.description])
    }
  }
}
