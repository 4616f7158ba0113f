/// One word of a line that names a value: `epoch=12`, `afterMs:313`.
public struct LineField: Equatable, Sendable {
  /// The word as it stands in the line.
  public let word: Substring
  /// What stands before the mark; nil if there is no mark.
  public let name: Substring?
  /// The mark between the two.
  public let mark: Character?
  /// What stands behind the mark; without a mark the whole word.
  public let value: Substring

  /// Reads a word, which is cut at the first of these marks.
  public init(_ word: Substring, marks: [Character] = ["="]) {
    let place = word.firstIndex { marks.contains($0) }
    self.word = word
    name = place.map { word[..<$0] }
    mark = place.map { word[$0] }
    value = place.map { word[word.index(after: $0)...] } ?? word
  }
}
