/// Reads Swift just well enough to measure it: knows comments, strings and braces.
struct SwiftScanner {
  /// The text with the inside of comments and string literals made blank; lines stay where they
  /// are.
  let code: [Character]

  init(_ text: String) {
    self.code = Self.blank(Array(text))
  }

  /// The lines of the blanked text.
  var lines: [Substring] {
    String(code).split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// A function with its length.
  struct Function: Equatable {
    /// `func name`, `init` or `deinit`.
    var name: String
    /// The line of its keyword, from 1.
    var line: Int
    /// Its lines, from the keyword's to that of the closing brace.
    var length: Int
  }

  /// Every function and initialiser that has a body.
  func functions() -> [Function] {
    var found: [Function] = []
    for (start, word) in words() where ["func", "init", "deinit"].contains(word) {
      // `self.init(…)`, `Type.init` and `x.init` are calls.
      if start > 0, code[start - 1] == "." { continue }
      guard let end = endOfBody(after: start + word.count) else { continue }
      let first = line(of: start)
      let name = word == "func" ? "func \(self.word(after: start + word.count))" : word
      found.append(Function(name: name, line: first, length: line(of: end) - first + 1))
    }
    return found
  }

  /// The names of the types that are declared.
  func typeNames() -> [String] {
    let keywords: Set<String> = ["struct", "class", "enum", "actor", "protocol", "typealias"]
    return words().compactMap { start, word in
      keywords.contains(word) ? self.word(after: start + word.count) : nil
    }
  }

  /// The modules that are imported.
  func imports() -> [String] {
    lines.compactMap { line in
      let words = line.split(whereSeparator: \.isWhitespace)
      guard let keyword = words.firstIndex(of: "import"), keyword + 1 < words.count,
        words[..<keyword].allSatisfy({ $0.hasPrefix("@") || ["public", "internal"].contains($0) })
      else { return nil }
      return words[keyword + 1].split(separator: ".").first.map(String.init)
    }
  }

  /// The line of each place where a phrase stands as words of its own.
  func places(of phrase: String) -> [Int] {
    let pattern = Array(phrase)
    let count = code.count - pattern.count
    guard count >= 0 else { return [] }
    return (0...count).filter { start in
      guard code[start..<start + pattern.count].elementsEqual(pattern) else { return false }
      guard start > 0, let first = pattern.first, Self.isWord(first) else { return true }
      return !Self.isWord(code[start - 1]) && code[start - 1] != "."
    }.map(line(of:))
  }

  // MARK: - Reading

  private func words() -> [(start: Int, word: String)] {
    var found: [(Int, String)] = []
    var index = 0
    while index < code.count {
      let start = index
      while index < code.count, Self.isWord(code[index]) { index += 1 }
      if index > start { found.append((start, String(code[start..<index]))) } else { index += 1 }
    }
    return found
  }

  private func word(after start: Int) -> String {
    String(
      code[start...].drop { $0.isWhitespace || $0 == "`" }.prefix { Self.isWord($0) || $0 == " " }
        .prefix { $0 != "(" }
    ).split(separator: " ").first.map(String.init) ?? ""
  }

  private func line(of index: Int) -> Int {
    1 + code[..<index].count { $0 == "\n" }
  }

  /// The end of the braces that follow a signature; nothing if there are none.
  private func endOfBody(after start: Int) -> Int? {
    var index = start
    var depth = 0
    while index < code.count {
      switch code[index] {
      case "(", "[": depth += 1
      case ")", "]":
        depth -= 1
        if depth < 0 { return nil }
      case "{" where depth == 0: return endOfBraces(from: index)
      case "}" where depth == 0, ";" where depth == 0: return nil
      case "\n" where depth == 0 && !signatureGoesOn(at: index + 1): return nil
      default: break
      }
      index += 1
    }
    return nil
  }

  private func signatureGoesOn(at index: Int) -> Bool {
    let rest = String(code[index...].drop(while: \.isWhitespace).prefix(8))
    return ["{", "->", "where", "throws", "async", "rethrows", "("].contains {
      rest.hasPrefix($0)
    }
  }

  private func endOfBraces(from start: Int) -> Int? {
    var depth = 0
    for index in start..<code.count {
      if code[index] == "{" { depth += 1 }
      if code[index] == "}" {
        depth -= 1
        if depth == 0 { return index }
      }
    }
    return nil
  }

  private static func isWord(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_"
  }
}
