/// What `HISTORY` answers.
public struct HistoryDocument: ControlDocument {
  /// 1; another number for one in which a member has changed its meaning.
  public var schema = 1
  /// The name of the host.
  public var node = ""
  /// When it was told.
  public var now: String?
  /// Older entries that are not told.
  public var omitted = 0
  /// Lines of the file that could not be read.
  public var skipped = 0
  /// Entries that are not on the disk.
  public var unsaved = 0
  /// Why not, as a sentence.
  public var problem: String?
  /// What happened, the newest last.
  public var entries: [Entry] = []

  /// Makes one to be filled in.
  public init() {}

  /// Something that happened.
  ///
  /// Its kind says which fields it has: `from`, `to`, `basis`, `reason`, `text`, `afterMs` and more,
  /// also those of a daemon that is newer than the reader.
  public struct Entry: ControlDocument {
    /// When it happened.
    public var at = ""
    /// How long ago that was; 0 if the clock went back.
    public var ageMs: Int64 = 0
    /// The master name.
    public var master = ""
    /// What happened: `started`, `transition`, `fence`, `move`, `death`, `answered` or `unanswered`.
    public var kind = ""
    /// What is known of it, in the order in which it is told.
    public var fields: [Field] = []
    /// Its steps in the order of time.
    public var phases: [PhaseDocument]?

    /// Makes one to be filled in.
    public init() {}

    /// The text of a field; nil if it has none.
    public func text(_ name: String) -> String? {
      guard case .text(let text) = fields.first(where: { $0.name == name })?.value else {
        return nil
      }
      return text
    }

    /// The number of a field; nil if it has none.
    public func number(_ name: String) -> Int64? {
      guard case .number(let number) = fields.first(where: { $0.name == name })?.value else {
        return nil
      }
      return number
    }
  }

  /// A field of an entry by its name, which is its key.
  public struct Field: Equatable, Sendable {
    /// What a field tells.
    public enum Value: Equatable, Sendable {
      /// Text for people or a word for programs.
      case text(String)
      /// A number; the end of the field's name says its unit.
      case number(Int64)
    }

    /// The name.
    public let name: String
    /// The value.
    public let value: Value

    /// Makes a field.
    public init(name: String, value: Value) {
      (self.name, self.value) = (name, value)
    }
  }
}

extension HistoryDocument.Entry {
  /// The key of a member, whatever its name is.
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private static let fixed: Set = ["at", "ageMs", "master", "kind", "phases"]

  /// Reads an entry; its fields in the order of their names.
  public init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: Key.self)
    func member<Value: Decodable>(_ name: String) throws -> Value {
      try members.decode(Value.self, forKey: Key(stringValue: name))
    }
    let names = members.allKeys.map(\.stringValue).filter { !Self.fixed.contains($0) }.sorted()
    self.init()
    (at, ageMs) = (try member("at"), try member("ageMs"))
    (master, kind) = (try member("master"), try member("kind"))
    if members.contains(Key(stringValue: "phases")) { phases = try member("phases") }
    fields = names.compactMap { name in
      if let text: String = try? member(name) { return .init(name: name, value: .text(text)) }
      let number: Int64? = try? member(name)
      return number.map { .init(name: name, value: .number($0)) }
    }
  }

  /// Writes the entry.
  public func encode(to encoder: any Encoder) throws {
    var members = encoder.container(keyedBy: Key.self)
    try members.encode(at, forKey: Key(stringValue: "at"))
    try members.encode(ageMs, forKey: Key(stringValue: "ageMs"))
    try members.encode(master, forKey: Key(stringValue: "master"))
    try members.encode(kind, forKey: Key(stringValue: "kind"))
    for field in fields {
      switch field.value {
      case .text(let text): try members.encode(text, forKey: Key(stringValue: field.name))
      case .number(let number): try members.encode(number, forKey: Key(stringValue: field.name))
      }
    }
    if let phases { try members.encode(phases, forKey: Key(stringValue: "phases")) }
  }
}
