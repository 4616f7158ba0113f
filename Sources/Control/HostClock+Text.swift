package import FailoverCore
package import Platform
import Wording

extension HostClock {
  /// The wall-clock text of an instant, as the two clocks stand now.
  package func text(of instant: Instant) -> String {
    let difference = (instant - now()).wholeNanoseconds
    return WallTime.text(nanoseconds: wallNanoseconds() + difference)
  }
}
