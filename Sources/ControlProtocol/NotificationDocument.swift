/// What is handed to the runner of an operator's program: one event.
public struct NotificationDocument: ControlDocument {
  /// The path of the program.
  public var program = ""
  /// `taken`, `released`, `yielded`, `fence-armed`, `fence-open`, `fence-closed`, `fence-half`,
  /// `fence-off` or `alarm`.
  public var event = ""
  /// The master name.
  public var master = ""
  /// The virtual addresses of the group, with blanks between them.
  public var addresses = ""
  /// The local instance as Sentinel names it, `10.77.0.1:6379`; empty where it is not known.
  public var node = ""
  /// The name of the host.
  public var host = ""
  /// Why, as a label.
  public var reason = ""
  /// What happened and why, for people.
  public var text = ""
  /// When it happened.
  public var at = ""
  /// When it happened, in seconds since 1970.
  public var seconds: Int64 = 0
  /// The number of the event since the start of the daemon, from 1.
  public var sequence: Int64 = 0

  /// Makes one to be filled in.
  public init() {}
}
