/// What who follows `EVENTS` is told: one decision or alarm.
public struct EventDocument: ControlDocument {
  /// When it happened.
  public var at = ""
  /// The master name.
  public var master = ""
  /// `transition`, `alarm`, `fence`, `move`, `death`, `answered` or `unanswered`.
  public var kind = ""
  /// The state before a transition.
  public var from: String?
  /// The state after a transition, or of the fence.
  public var to: String?
  /// What the holding rests on after a transition.
  public var basis: String?
  /// Why, as a label.
  public var reason: String?
  /// What happened and why, for people.
  public var text = ""
  /// How long the state before lasted.
  public var afterMs: Int64?
  /// The steps of a take or a release.
  public var phases: [PhaseDocument]?

  /// Makes one to be filled in.
  public init() {}

  /// What not every kind has.
  public var membersLeftOut: Set<String> { ["from", "to", "basis", "phases"] }
}
