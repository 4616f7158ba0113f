/// One thing that is wrong with a configuration file, and where.
public struct ConfigurationProblem: Error, Hashable, Sendable {
  /// The file as it was named by who read it.
  public var file: String
  /// The line, from 1.
  public var line: Int
  /// The column of the word's first character, from 1; a tab counts as one character.
  public var column: Int
  /// The word that is wrong; nothing where a word is missing.
  public var word: String?
  /// What is wrong and what was expected, as a phrase without a full stop.
  public var message: String

  /// Makes a problem.
  public init(file: String, line: Int, column: Int, word: String?, message: String) {
    self.file = file
    self.line = line
    self.column = column
    self.word = word
    self.message = message
  }
}

extension ConfigurationProblem: CustomStringConvertible {
  /// The longest part of a word that is shown.
  private static let maxWord = 60

  /// `/etc/vipd/vipd.conf:3:31: 'dve': expected 'dev'`, safe to print on a terminal.
  public var description: String {
    let place = "\(file):\(line):\(column): "
    guard let word else { return place + message }
    return place + "'\(Self.printable(word))': \(message)"
  }

  /// A word without control characters, shortened if it is long.
  ///
  /// A file from a stranger must not be able to steer the terminal of who reads the errors.
  static func printable(_ word: String) -> String {
    var text = ""
    for scalar in word.unicodeScalars.prefix(maxWord) {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
        .unassigned:
        text += "\\u{\(String(scalar.value, radix: 16))}"
      default:
        text.unicodeScalars.append(scalar)
      }
    }
    return word.unicodeScalars.count > maxWord ? text + "…" : text
  }
}

extension ConfigurationProblem: Comparable {
  /// Orders by line, then by column.
  public static func < (left: ConfigurationProblem, right: ConfigurationProblem) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// Everything that is wrong with a configuration file.
public struct ConfigurationError: Error, Equatable, Sendable {
  /// The problems in the order of the file; never empty.
  public let problems: [ConfigurationProblem]

  /// Makes an error of the problems of one file.
  public init(problems: [ConfigurationProblem]) {
    self.problems = problems.sorted()
  }
}

extension ConfigurationError: CustomStringConvertible {
  /// One problem a line.
  public var description: String {
    problems.map(\.description).joined(separator: "\n")
  }
}
