import RESP

/// How fast the answers of a poll are parsed: where each value ends, and all of its elements.
struct ParseRate {
  /// As much as one read from a socket brings.
  private static let chunk = 8_192
  /// Polls in a stream.
  private static let polls = 200

  func run() {
    let stream = Self.stream()
    var tokens = 0
    var values = 0
    let seconds = rates {
      tokens = 0
      values = 0
      var parser = RESPParser()
      for start in stride(from: 0, to: stream.count, by: Self.chunk) {
        parser.append(stream[start..<min(start + Self.chunk, stream.count)])
        while let token = try? parser.next() {
          values += 1
          tokens += Self.count(token)
        }
      }
      return 1
    }
    guard values == 3 * Self.polls else { fail("\(values) values were parsed") }
    report([
      "resp-megabytes": seconds.map { $0 * Double(stream.count) / 1e6 },
      "resp-tokens": seconds.map { $0 * Double(tokens) },
      "resp-polls": seconds.map { $0 * Double(Self.polls) },
    ])
  }

  /// A token and all that is in it.
  private static func count(_ token: RESPToken) -> Int {
    guard let elements = token.elements else { return 1 }
    return elements.reduce(1) { $0 + count($1) }
  }

  private static func stream() -> [UInt8] {
    var writer = RESPWriter(version: .three)
    for _ in 0..<polls {
      writer.array(count: 2)
      writer.bulkString("10.77.0.1")
      writer.bulkString("6379")
      Replies.master(
        name: "mymaster", address: "10.77.0.1", port: 6379, replicas: 2, &writer)
      Replies.replicas(
        of: "10.77.0.1", port: 6379, addresses: ["10.77.0.2", "10.77.0.3"], &writer)
    }
    return writer.bytes
  }
}
