import FailoverCore

/// The first event of a recording to which a machine answers otherwise than it did.
public struct Divergence: Equatable, Sendable {
  /// The step as it was recorded.
  public var step: Recording.Step
  /// What the machine orders now.
  public var orders: [String]
}

extension Divergence: CustomStringConvertible {
  /// The line, the event, and the orders then and now.
  public var description: String {
    """
    line \(step.line): \(RecordingText.line(step.event, at: step.at))
    recorded:
    \(Divergence.list(step.orders))
    now:
    \(Divergence.list(orders))
    """
  }

  private static func list(_ orders: [String]) -> String {
    orders.isEmpty
      ? "  nothing" : orders.map { RecordingText.indentation + $0 }.joined(separator: "\n")
  }
}

extension Recording {
  /// Tells a fresh machine what was recorded, and finds where its orders begin to differ.
  ///
  /// - Returns: the first difference; nothing if there is none.
  public func firstDivergence() -> Divergence? {
    var machine = FailoverMachine(configuration: configuration)
    for step in steps {
      let orders = machine.handle(step.event, at: step.at).map(RecordingText.order)
      if orders != step.orders { return Divergence(step: step, orders: orders) }
    }
    return nil
  }

  /// A recording with the same events and the orders that the machine gives now.
  ///
  /// Lines for people stay where they are. It is for a recording that was read and found to
  /// diverge for a reason: the events are still what a host saw, but what a machine of today
  /// would have ordered can have changed what came after, and no recording knows that.
  ///
  /// - Parameter text: the content of a file.
  /// - Returns: the content to put in its place.
  /// - Throws: ``RecordingError`` for the first line that is not understood.
  public static func rewriting(_ text: String) throws(RecordingError) -> String {
    var orders: [Int: [String]] = [:]
    for run in try runs(of: text) {
      var machine = FailoverMachine(configuration: run.configuration)
      for step in run.steps {
        orders[step.line] = machine.handle(step.event, at: step.at).map(RecordingText.order)
      }
    }
    var lines: [String] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    where !line.hasPrefix(RecordingText.indentation) {
      lines.append(String(line))
      lines += (orders[index + 1] ?? []).map { RecordingText.indentation + $0 }
    }
    return lines.joined(separator: "\n")
  }
}
