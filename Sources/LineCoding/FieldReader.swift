/// Reads the `name=value` words of a line by their names.
///
/// What is missing, malformed or too much is an error of the format, and named there.
public struct FieldReader: Sendable {
  /// The fields that were not taken yet, in their order.
  public private(set) var rest: [LineField]

  /// Reads the words behind the one that says what the line is.
  public init(_ words: some Sequence<Substring>) {
    rest = words.map { LineField($0) }
  }

  /// Takes the value of the first field with this name; nil if there is none.
  public mutating func takeValue(of name: String) -> Substring? {
    rest.firstIndex { $0.name == name[...] }.map { rest.remove(at: $0).value }
  }

  /// Whether there is a field with this name.
  public func has(_ name: String) -> Bool {
    rest.contains { $0.name == name[...] }
  }
}
