/// A part of what the daemon answers in JSON; it is told and read by the same type.
///
/// Members stand in the order in which they are declared. One that has no value is `null`, unless
/// it is left out. Readers skip members that they don't know, and those that an older daemon did not
/// tell are optional. Times on the wall are UTC as RFC 3339 has it: `2026-11-21T06:25:07.123Z`.
public protocol ControlDocument: Codable, Equatable, Sendable {
  /// Makes one to be filled in.
  init()
  /// The names of members that are left out where they have no value.
  var membersLeftOut: Set<String> { get }
}

extension ControlDocument {
  /// Makes one and fills it in.
  public init(_ fill: (inout Self) -> Void) {
    self.init()
    fill(&self)
  }

  /// None.
  public var membersLeftOut: Set<String> { [] }

  /// The document as JSON.
  public var json: String { JSONWriter.text(of: self) }
}

/// A step of what happened.
public struct PhaseDocument: ControlDocument {
  /// What had been done, as a participle: `installed`.
  public var name = ""
  /// When, in milliseconds after the first step.
  public var atMs: Double = 0

  /// Makes one to be filled in.
  public init() {}
}
