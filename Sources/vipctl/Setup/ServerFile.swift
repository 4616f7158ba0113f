import Configuration
import FoundationEssentials
import Glibc

/// A redis.conf or sentinel.conf, as far as it says where a server listens.
struct ServerFile {
  private let lines: [(words: [String], line: NumberedLine)]

  /// Reads a text.
  init(_ text: String) {
    lines = DirectiveLine.lines(of: Array(text.utf8)).enumerated().compactMap { index, line in
      let words = DirectiveLine(line).words.map(\.text)
      guard let first = words.first else { return nil }
      let text = String(decoding: line, as: UTF8.self)
      return (
        [first.lowercased()] + words.dropFirst(), NumberedLine(text: text, number: index + 1)
      )
    }
  }

  /// Reads a file; nothing if it can't be read.
  init?(path: String) {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    self.init(text)
  }

  /// The last line of a directive, which is the one that counts.
  func last(_ name: String) -> NumberedLine? { lines.last { $0.words[0] == name }?.line }

  /// The port, or the one that it has by default.
  func port(default port: UInt16) -> UInt16 {
    lines.last { $0.words[0] == "port" && $0.words.count == 2 }.flatMap { UInt16($0.words[1]) }
      ?? port
  }

  /// Where Debian's packages have the files of Sentinels, and where people put a second one.
  private static let sentinelPatterns = [
    "/etc/redis/sentinel*.conf", "/etc/valkey/sentinel*.conf", "/etc/sentinel*.conf",
    "/etc/redis-sentinel*.conf",
  ]

  /// The ports of this host's Sentinels by their files; the usual one where none can be read.
  static func sentinelPorts() -> [UInt16] {
    let files = sentinelPatterns.flatMap(files(like:))
    let ports = files.compactMap { ServerFile(path: $0)?.port(default: 26_379) }.filter { $0 > 0 }
    return ports.isEmpty ? [26_379] : Set(ports).sorted()
  }

  /// The files that a pattern with wildcards means (glob(3)).
  static func files(like pattern: String) -> [String] {
    // Freed by globfree(3), and read only as far as gl_pathc says.
    var found = unsafe glob_t()
    defer { unsafe globfree(&found) }
    guard unsafe glob(pattern, 0, nil, &found) == 0 else { return [] }
    return unsafe (0..<Int(found.gl_pathc)).compactMap { index in
      unsafe found.gl_pathv[index].map { unsafe String(cString: $0) }
    }
  }
}
