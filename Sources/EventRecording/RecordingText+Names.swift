public import FailoverCore
import LineCoding

// What a case is called in a recording it is called elsewhere, too: in metrics, the history, JSON.
extension RecordingText {
  /// The name of a reason.
  public static func name(of reason: Reason) -> String { text(reason).name }

  /// The name of a reason of the fence.
  public static func name(of reason: FenceReason) -> String { text(reason).name }

  /// The name of an alarm.
  public static func name(of alarm: Alarm) -> String { text(alarm).name }

  /// The name of an end of a move.
  public static func name(of end: MoveEnd) -> String { text(end).name }

  /// The name of a finding.
  public static func name(of finding: MoveFinding) -> String { text(finding).name }
}

extension LineText {
  /// What stands before the first part.
  fileprivate var name: String { String(text.prefix { $0 != ";" }) }
}
