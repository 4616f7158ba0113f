import Addresses
import Configuration

/// A vipd.conf that is there, line by line: what of it must stay as it is, and what it says already.
struct ExistingFile {
  /// A line with words in it.
  private struct Line {
    var words: [String]
    var number: Int
  }

  /// The text.
  let text: String
  private let lines: [Line]

  init(_ text: String) {
    self.text = text
    lines = DirectiveLine.lines(of: Array(text.utf8)).enumerated().compactMap { index, line in
      let words = DirectiveLine(line).words.map(\.text)
      return words.isEmpty ? nil : Line(words: words, number: index + 1)
    }
  }

  /// Whether it says nothing but what is so by default: the package's own file, as long as nobody
  /// wrote into it.
  var isEmpty: Bool {
    let harmless: Set = ["control", "hook", "daemonless", "metrics", "state-dir", "on-stop"]
    guard lines.allSatisfy({ harmless.contains($0.words[0]) }) else { return false }
    let probe = "sentinel 192.0.2.1 26379\nvip m 192.0.2.2/24 dev auto\n"
    let usual = try? Configuration(parsing: probe, file: "")
    return usual != nil && (try? Configuration(parsing: text + "\n" + probe, file: "")) == usual
  }

  /// A `vip` line of a master.
  struct AddressLine {
    /// The number of the line.
    var number: Int
    /// The line without its comment.
    var text: String
    /// The address and its length, where it can be read.
    var prefix: Prefix?
    /// The interface.
    var interface: String?
  }

  /// The `vip` lines of a master.
  func addresses(of master: String) -> [AddressLine] {
    lines.filter { $0.words.starts(with: ["vip", master]) }.map { line in
      AddressLine(
        number: line.number, text: line.words.joined(separator: " "),
        prefix: line.words.count > 2 ? Prefix(line.words[2]) : nil,
        interface: line.words.count > 4 ? line.words[4] : nil)
    }
  }

  /// The Sentinels of a master's own lines, or of those for all.
  func sentinels(of master: String?) -> Set<ServerNode> {
    let words = lines.map(\.words).filter { $0[0] == "sentinel" }
    let nodes =
      if let master {
        words.filter { $0.count == 4 && $0[1] == master }.map { $0[2...] }
      } else {
        words.filter { $0.count == 3 }.map { $0[1...] }
      }
    return Set(
      nodes.compactMap { words in
        guard let host = words.first, let port = words.last.flatMap({ UInt16($0) }) else {
          return nil
        }
        return ServerNode(host: host, port: port)
      })
  }

  /// Whether the claims of an Ethernet address mean nothing for a master.
  func ignores(_ mac: String?, for master: String) -> Bool {
    guard let words = lines.map(\.words).first(where: { $0.starts(with: ["probe", master]) })
    else { return false }
    return words.last == "off" || mac.map { words.dropFirst(3).contains($0) } ?? false
  }

  /// The line of a directive with certain words behind it, such as `fence mymaster`.
  func line(of words: String...) -> NumberedLine? {
    lines.first { $0.words.starts(with: words) }.map {
      NumberedLine(text: $0.words.joined(separator: " "), number: $0.number)
    }
  }

  /// The user and the password file for `sentinel`, or for the Redis of a master.
  func login(of whom: [String]) -> SetupRequest.Login? {
    func value(_ directive: String) -> String? {
      let words = lines.map(\.words).first { $0.starts(with: [directive] + whom) }
      return words?.count == whom.count + 2 ? words?.last : nil
    }
    return value("auth-pass-file").map {
      SetupRequest.Login(user: value("auth-user"), file: $0)
    }
  }

  /// How this host's Redis is named and reached, if a line says so.
  func redis(of master: String) -> (named: ServerNode, reached: ServerNode)? {
    guard let words = lines.map(\.words).first(where: { $0.starts(with: ["redis", master]) }),
      words.count >= 4, let port = UInt16(words[3])
    else { return nil }
    let named = ServerNode(host: words[2], port: port)
    guard words.count == 7, let localPort = UInt16(words[6]) else { return (named, named) }
    return (named, ServerNode(host: words[5], port: localPort))
  }
}
