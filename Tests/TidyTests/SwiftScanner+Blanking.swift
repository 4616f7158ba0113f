extension SwiftScanner {
  /// Makes the inside of comments and string literals blank.
  ///
  /// An interpolation in a string counts as string: what stands in one is never a declaration.
  static func blank(_ text: [Character]) -> [Character] {
    var code: [Character] = []
    code.reserveCapacity(text.count)
    var index = 0
    while index < text.count {
      let end = endOfOpaque(text, from: index)
      if end == index {
        code.append(text[index])
        index += 1
      } else {
        code += text[index..<end].map { $0.isNewline ? "\n" : " " }
        index = end
      }
    }
    return code
  }

  /// The end of the comment or literal that begins here; the index itself if none does.
  private static func endOfOpaque(_ text: [Character], from start: Int) -> Int {
    if starts(text, start, with: "//") {
      return text[start...].firstIndex(where: \.isNewline) ?? text.count
    }
    if starts(text, start, with: "/*") { return endOfBlockComment(text, from: start) }
    let hashes = text[start...].prefix { $0 == "#" }.count
    let quote = start + hashes
    guard quote < text.count, text[quote] == "\"" else { return start }
    return endOfString(text, from: quote, hashes: hashes)
  }

  private static func endOfBlockComment(_ text: [Character], from start: Int) -> Int {
    var depth = 0
    var index = start
    while index < text.count {
      if starts(text, index, with: "/*") {
        depth += 1
        index += 2
      } else if starts(text, index, with: "*/") {
        depth -= 1
        index += 2
        if depth == 0 { return index }
      } else {
        index += 1
      }
    }
    return index
  }

  private static func endOfString(_ text: [Character], from quote: Int, hashes: Int) -> Int {
    let mark = String(repeating: "#", count: hashes)
    let isLong = starts(text, quote, with: "\"\"\"")
    let closing = (isLong ? "\"\"\"" : "\"") + mark
    var index = quote + (isLong ? 3 : 1)
    while index < text.count {
      if starts(text, index, with: closing) { return index + closing.count }
      if starts(text, index, with: "\\" + mark + "(") {
        index = endOfInterpolation(text, from: index + 1 + hashes)
      } else if starts(text, index, with: "\\" + mark) {
        index += 2 + hashes
      } else if text[index].isNewline && !isLong {
        return index
      } else {
        index += 1
      }
    }
    return index
  }

  private static func endOfInterpolation(_ text: [Character], from start: Int) -> Int {
    var depth = 0
    var index = start
    while index < text.count {
      let end = endOfOpaque(text, from: index)
      if end != index {
        index = end
        continue
      }
      if text[index] == "(" { depth += 1 }
      if text[index] == ")" { depth -= 1 }
      index += 1
      if depth == 0 { return index }
    }
    return index
  }

  private static func starts(_ text: [Character], _ index: Int, with prefix: String) -> Bool {
    text[index...].starts(with: prefix)
  }
}
