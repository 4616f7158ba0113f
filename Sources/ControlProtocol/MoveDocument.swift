/// A line of the report on a planned move, as `MOVE` tells it.
public struct MoveDocument: ControlDocument {
  /// What a line tells.
  public enum Kind: String, Codable, Sendable {
    /// Something to know: who drives, what is waited for.
    case note
    /// A step of the plan.
    case plan
    /// Something that speaks against the move.
    case finding
    /// The move entered a phase.
    case phase
    /// Nothing new; the driver is at it.
    case pulse
    /// The end.
    case result
  }

  /// What it tells.
  public var kind = Kind.note
  /// The phase that was entered; `undoing` while it is undone.
  public var phase: String?
  /// What a finding is, as a label.
  public var label: String?
  /// What the operator can do about a finding, as a sentence.
  public var remedy: String?
  /// How it ended: `done`, `planned`, `refused`, `undone` or `failed`.
  public var outcome: String?
  /// Milliseconds since the move began.
  public var atMs: Int64?
  /// The master before.
  public var from: String?
  /// The node that was to become the master.
  public var target: String?
  /// The node that became the master.
  public var promoted: String?
  /// How long nobody took writes; nil if the new master did not say when it had the address.
  public var writeGapMs: Int64?
  /// How many sessions were ended on the host of the old master.
  public var disconnected: Int?
  /// 0; nil if it is not known that no write was lost.
  public var writesLost: Int?
  /// Why it is not known, as a sentence.
  public var writesLostText: String?
  /// Each phase, in their order.
  public var phases: [Phase]?
  /// What the operator still has to look after, as sentences.
  public var remains: [String]?
  /// What is told, for people.
  public var text: String?

  /// Makes one to be filled in.
  public init() {}

  /// What not every kind has; of a move that was done, what is not known is null.
  public var membersLeftOut: Set<String> {
    let always: Set = [
      "phase", "label", "remedy", "outcome", "atMs", "from", "target", "promoted", "disconnected",
      "phases", "remains",
    ]
    return promoted == nil ? always.union(["writeGapMs", "writesLost", "writesLostText"]) : always
  }

  /// A phase and how long it took.
  public struct Phase: ControlDocument {
    /// The phase.
    public var phase = ""
    /// How long it took, in milliseconds.
    public var ms: Int64 = 0

    /// Makes one to be filled in.
    public init() {}
  }
}
