/// A word of the file with its place, so that a later check can still point at it.
struct Place: Equatable {
  var line: Int
  var column: Int
  var word: String?
}

/// A value and the word it was read from.
struct Located<Value> {
  var value: Value
  var place: Place
}

/// Reads the words of one directive in turn and keeps what is wrong with each.
///
/// A word that is wrong doesn't end the line: the words after it are still read, so that an
/// operator sees all that is wrong in one go. A word that is missing does.
struct DirectiveReader {
  private let words: [DirectiveLine.Word]
  private let line: Int
  private var index = 1
  private var isExhausted = false
  /// What is wrong so far.
  private(set) var complaints: [(place: Place, message: String)] = []

  init(words: [DirectiveLine.Word], line: Int) {
    self.words = words
    self.line = line
  }

  /// The place of the directive's own name.
  var directivePlace: Place { place(of: words.first) }

  /// Whether words are left to read.
  var hasMore: Bool { index < words.count }

  /// How many words are left to read.
  var remaining: Int { words.count - index }

  /// Notes that something is wrong at a place.
  mutating func complain(_ message: String, at place: Place) {
    complaints.append((place, message))
  }

  /// Takes the next word; notes what was expected if there is none.
  mutating func word(_ expected: String) -> Located<String>? {
    guard index < words.count else {
      if !isExhausted { complain("expected \(expected) here", at: place(of: nil)) }
      isExhausted = true
      return nil
    }
    let word = words[index]
    index += 1
    return Located(value: word.text, place: place(of: word))
  }

  /// Takes the next word as a value; notes what was expected if it isn't one.
  mutating func value<Value>(
    _ expected: String, _ convert: (String) -> Value?
  ) -> Located<Value>? {
    guard let word = word(expected) else { return nil }
    guard let value = convert(word.value) else {
      complain("expected \(expected)", at: word.place)
      return nil
    }
    return Located(value: value, place: word.place)
  }

  /// Takes the next word, which must be this one.
  mutating func keyword(_ keyword: String) {
    _ = value("'\(keyword)'") { $0 == keyword ? keyword : nil }
  }

  /// Notes every word that is left over, once.
  mutating func end() {
    guard hasMore else { return }
    complain("expected the end of the line", at: place(of: words[index]))
    index = words.count
  }

  private func place(of word: DirectiveLine.Word?) -> Place {
    if let word { return Place(line: line, column: word.column, word: word.text) }
    let end = words.last.map { $0.column + $0.text.unicodeScalars.count } ?? 1
    return Place(line: line, column: end, word: nil)
  }
}
