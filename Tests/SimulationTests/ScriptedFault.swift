@testable import SimulationKit

/// A fault of a scripted world; times in milliseconds.
func fault(
  _ kind: FaultKind, at: Int64, for duration: Int64 = 1_000, _ target: Int = 0, other: Int = 0,
  mask: Int = 0, step: Int64 = 0
) -> Fault {
  Fault(
    kind: kind, begins: at * millisecond, duration: duration * millisecond, target: target,
    other: other, mask: mask, step: step)
}
