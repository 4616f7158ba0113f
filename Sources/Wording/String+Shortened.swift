extension String {
  /// The bytes that `shortened` has at most.
  package static let shortenedLimit = 200

  /// On one line, without control characters, and short enough for a log line.
  package var shortened: String {
    var result = ""
    let ending = "…"
    for scalar in unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: result += " "
      default: result.unicodeScalars.append(scalar)
      }
      guard result.utf8.count <= Self.shortenedLimit else {
        while result.utf8.count > Self.shortenedLimit - ending.utf8.count {
          result.unicodeScalars.removeLast()
        }
        return result + ending
      }
    }
    return result
  }
}
