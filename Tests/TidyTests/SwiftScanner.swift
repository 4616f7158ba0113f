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

  /// A stored property that can be set from outside of its type.
  struct OpenProperty: Equatable {
    /// The type's name.
    var type: String
    /// Its own name.
    var name: String
    /// Its line, from 1.
    var line: Int
  }

  /// The stored variables of classes and of machines that are neither private nor `private(set)`.
  ///
  /// A machine is a struct with a mutating function in its body. A type that is itself private, or
  /// stands in one, is its file's own matter.
  func openProperties() -> [OpenProperty] {
    var found: [OpenProperty] = []
    var scopes: [Scope] = []
    var pending: Scope?
    let starts = Dictionary(uniqueKeysWithValues: words().map { ($0.start, $0.word) })
    for index in code.indices {
      switch code[index] {
      case "{":
        scopes.append(pending ?? Scope())
        pending = nil
      case "}":
        guard let scope = scopes.popLast() else { continue }
        if scope.isClass || scope.isMachine { found += scope.properties }
      default: break
      }
      guard let word = starts[index] else { continue }
      let modifiers = wordsOfLine(before: index)
      let isPrivate = !modifiers.isDisjoint(with: ["private", "fileprivate"])
      if ["class", "struct", "enum", "actor", "extension", "protocol"].contains(word) {
        let name = self.word(after: index + word.count)
        guard index == 0 || code[index - 1] != ".", !["func", "var", "let"].contains(name) else {
          continue
        }
        pending = Scope(
          name: name, isClass: word == "class", isStruct: word == "struct",
          isPrivate: isPrivate || scopes.contains(where: \.isPrivate))
      } else if let scope = scopes.last, scope.isClass || scope.isStruct {
        if word == "mutating" { scopes[scopes.count - 1].isMachine = scope.isStruct }
        guard word == "var", !scope.isPrivate, !isPrivate, !modifiers.contains("static"),
          isStored(after: index + word.count)
        else { continue }
        scopes[scopes.count - 1].properties.append(
          .init(
            type: scope.name, name: self.word(after: index + word.count), line: line(of: index)))
      }
    }
    return found
  }

  /// A pair of braces: a type's body, or anything else.
  private struct Scope {
    var name = ""
    var isClass = false
    var isStruct = false
    var isPrivate = false
    var isMachine = false
    var properties: [OpenProperty] = []
  }

  private func wordsOfLine(before index: Int) -> Set<String> {
    let start = code[..<index].lastIndex { $0.isNewline }.map { $0 + 1 } ?? 0
    let words = code[start..<index].split { !Self.isWord($0) }
    return Set(words.map { String($0) })
  }

  /// Whether a variable, read from behind its keyword, has a value of its own.
  private func isStored(after start: Int) -> Bool {
    var depth = 0
    for index in start..<code.count {
      switch code[index] {
      case "(", "[": depth += 1
      case ")", "]": depth -= 1
      case "=" where depth == 0: return true
      case "{" where depth == 0:
        return ["didSet", "willSet"].contains(word(after: index + 1))
      case "}" where depth == 0, "\n" where depth == 0: return true
      default: break
      }
    }
    return true
  }

  /// The modules that are imported.
  func imports() -> [String] {
    lines.compactMap { line in
      let words = line.split(whereSeparator: \.isWhitespace)
      guard let keyword = words.firstIndex(of: "import"), keyword + 1 < words.count,
        words[..<keyword].allSatisfy({
          $0.hasPrefix("@") || ["public", "package", "internal", "private"].contains($0)
        })
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

  /// The words of the code, each with its place.
  func words() -> [(start: Int, word: String)] {
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
