/// Hands what a document encodes to a writer.
struct DocumentEncoder: Encoder {
  let writer: JSONWriter
  /// Members that are left out where they have no value.
  var membersLeftOut: Set<String> = []

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(
      MemberContainer(
        writer: writer, depth: writer.open("{", "}"), membersLeftOut: membersLeftOut))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    ElementContainer(writer: writer, depth: writer.open("[", "]"))
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    ElementContainer(writer: writer, depth: nil)
  }
}

/// The members of an object.
private struct MemberContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let writer: JSONWriter
  let depth: Int
  let membersLeftOut: Set<String>

  var codingPath: [any CodingKey] { [] }

  func encodeNil(forKey key: Key) {
    begin(key).writer.write(Bool?.none)
  }

  func encode<Value: Encodable>(_ value: Value, forKey key: Key) {
    begin(key).writer.write(value)
  }

  // The protocol has one of its own for each of these, which would leave nil out.
  func encodeIfPresent(_ value: Bool?, forKey key: Key) { member(value, key) }
  func encodeIfPresent(_ value: Int?, forKey key: Key) { member(value, key) }
  func encodeIfPresent(_ value: Int64?, forKey key: Key) { member(value, key) }
  func encodeIfPresent(_ value: UInt64?, forKey key: Key) { member(value, key) }
  func encodeIfPresent(_ value: String?, forKey key: Key) { member(value, key) }
  func encodeIfPresent(_ value: (some Encodable)?, forKey key: Key) { member(value, key) }

  private func member(_ value: (some Encodable)?, _ key: Key) {
    guard value != nil || !membersLeftOut.contains(key.stringValue) else { return }
    begin(key).writer.write(value)
  }

  func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type, forKey key: Key
  ) -> KeyedEncodingContainer<NestedKey> {
    begin(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    begin(key).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { DocumentEncoder(writer: writer) }

  func superEncoder(forKey key: Key) -> any Encoder { begin(key) }

  private func begin(_ key: Key) -> DocumentEncoder {
    writer.close(to: depth)
    writer.key(key.stringValue)
    return DocumentEncoder(writer: writer)
  }
}

/// The elements of an array, or a value that stands alone.
private struct ElementContainer: UnkeyedEncodingContainer, SingleValueEncodingContainer {
  let writer: JSONWriter
  /// Where the array stands; nil for a value that stands alone.
  let depth: Int?
  private(set) var count = 0

  init(writer: JSONWriter, depth: Int?) {
    self.writer = writer
    self.depth = depth
  }

  var codingPath: [any CodingKey] { [] }

  mutating func encodeNil() {
    begin().writer.write(Bool?.none)
  }

  mutating func encode<Value: Encodable>(_ value: Value) {
    begin().writer.write(value)
  }

  mutating func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type
  ) -> KeyedEncodingContainer<NestedKey> {
    begin().container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    begin().unkeyedContainer()
  }

  mutating func superEncoder() -> any Encoder { begin() }

  private mutating func begin() -> DocumentEncoder {
    if let depth { writer.close(to: depth) }
    count += 1
    return DocumentEncoder(writer: writer)
  }
}
