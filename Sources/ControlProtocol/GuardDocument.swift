/// What `GUARD` answers: whether a Redis may start now.
public struct GuardDocument: ControlDocument {
  /// The master name of the group that the instance belongs to; nil if none knows it.
  public var master: String?
  /// `start` or `wait`.
  public var verdict = "start"
  /// Why, as a clause.
  public var text = ""

  /// Makes one to be filled in.
  public init() {}
}
