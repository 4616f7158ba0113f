package import ControlProtocol
import LineCoding

/// Something that happened to a group, as the history keeps it.
///
/// The format is open: a kind, named fields and phases. A reader that does not know a kind or a
/// field shows or skips it, so that daemons of different versions can read each other's files.
package struct HistoryEntry: Equatable, Sendable {
  /// A field by its name, which is also its key in JSON.
  package typealias Field = HistoryDocument.Field

  /// A step of what happened.
  package struct Phase: Equatable, Sendable {
    /// What had been done, as a participle: `installed`.
    package var name: String
    /// When, in microseconds after the first phase of the entry.
    package var microseconds: Int64

    package init(name: String, microseconds: Int64) {
      self.name = name
      self.microseconds = microseconds
    }
  }

  /// The longest text of a field, in bytes of UTF-8; more is cut off.
  static let maxText = 512
  /// Fields that an entry may have, and phases; more are left out.
  package static let maxParts = 32

  /// When it happened, in nanoseconds since 1970.
  package let wallNanoseconds: Int64
  /// What happened: `started`, `transition`.
  package let kind: String
  /// What is known of it, in the order in which it is told.
  package private(set) var fields: [Field] = []
  /// Its steps in the order of time.
  package let phases: [Phase]

  /// Makes an entry without fields.
  ///
  /// A name consists of ASCII letters, digits, `-` and `_`; what has another is left out.
  package init(_ kind: String, wallNanoseconds: Int64, phases: [Phase] = []) {
    self.kind = Self.isName(kind) ? kind : "unknown"
    self.wallNanoseconds = wallNanoseconds
    self.phases = Array(phases.filter { Self.isName($0.name) }.prefix(Self.maxParts))
  }

  /// Adds a field with a text; nothing adds no field.
  package mutating func add(_ name: String, _ text: String?) {
    guard let text else { return }
    add(Field(name: name, value: .text(Self.clip(text))))
  }

  /// Adds a field with a number; nothing adds no field.
  package mutating func add(_ name: String, _ number: Int64?) {
    guard let number else { return }
    add(Field(name: name, value: .number(number)))
  }

  private mutating func add(_ field: Field) {
    guard Self.isName(field.name), fields.count < Self.maxParts else { return }
    fields.append(field)
  }

  private static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 64 && text.utf8.allSatisfy(isNameByte)
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  /// At most the longest text, cut between characters.
  private static func clip(_ text: String) -> String {
    guard text.utf8.count > maxText else { return text }
    var clipped = ""
    var length = 0
    for scalar in text.unicodeScalars {
      length += scalar.utf8.count
      if length > maxText { break }
      clipped.unicodeScalars.append(scalar)
    }
    return clipped
  }
}

// MARK: - Lines of the file

extension HistoryEntry {
  /// The entry as a line, without its end.
  ///
  /// A checksum of the rest, the time, the kind, then a word a field (`name=text` or `name:number`)
  /// and a word a phase (`@name:microseconds`).
  var line: String {
    var words = ["\(wallNanoseconds)", kind]
    for field in fields {
      switch field.value {
      case .text(let text):
        words.append("\(field.name)=\(PercentEscaping.history.escape(text.utf8))")
      case .number(let number): words.append("\(field.name):\(number)")
      }
    }
    words += phases.map { "@\($0.name):\($0.microseconds)" }
    let rest = words.joined(separator: " ")
    return Self.checksum(rest.utf8) + " " + rest
  }

  /// Reads a line; nothing if it was cut short or damaged.
  init?(line: some BidirectionalCollection<UInt8>) {
    guard let gap = line.firstIndex(of: UInt8(ascii: " ")) else { return nil }
    let rest = line[line.index(after: gap)...]
    guard Self.checksum(rest).utf8.elementsEqual(line[..<gap]) else { return nil }
    let words = String(decoding: rest, as: UTF8.self).split(separator: " ")
    guard words.count >= 2, let wall = Int64(words[0]) else { return nil }
    var entry = HistoryEntry(
      String(words[1]), wallNanoseconds: wall, phases: words.dropFirst(2).compactMap(Self.phase))
    for word in words.dropFirst(2) where !word.hasPrefix("@") {
      let field = LineField(word, marks: ["=", ":"])
      guard let name = field.name.map(String.init) else { continue }
      if field.mark == "=" {
        entry.add(name, PercentEscaping.history.unescape(field.value))
      } else {
        entry.add(name, Int64(field.value))
      }
    }
    self = entry
  }

  private static func phase(_ word: Substring) -> Phase? {
    let field = LineField(word, marks: [":"])
    guard word.hasPrefix("@"), let name = field.name, let microseconds = Int64(field.value) else {
      return nil
    }
    return Phase(name: String(name.dropFirst()), microseconds: microseconds)
  }

  /// FNV-1a of 64 bits: it notices what a crash or a bad block leaves, and no more is asked.
  private static func checksum(_ bytes: some Sequence<UInt8>) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
