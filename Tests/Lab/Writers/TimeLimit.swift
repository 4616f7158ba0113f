/// How long a client waits for an answer, and whether it was kept waiting for longer.
///
/// A wait that the kernel should have ended after its time, and that took much longer, tells of a
/// machine too busy to run the client: such a run says nothing about who was waited for.
struct TimeLimit {
  /// The time that a client sets itself, in milliseconds.
  let milliseconds: Int
  /// How much longer a wait may take, in milliseconds: as long as the client meant to wait.
  private let grace = 100.0

  /// Runs a step that waits this long at most, and reports it if it took longer.
  func run<Outcome>(
    reporting report: (Stall) -> Void, _ step: () throws(LabError) -> Outcome
  ) throws(LabError) -> Outcome {
    let start = Stamp.now()
    defer {
      let now = Stamp.now()
      let taken = now.milliseconds(since: start)
      if taken > Double(milliseconds) + grace { report(Stall(stamp: now, milliseconds: taken)) }
    }
    return try step()
  }
}
