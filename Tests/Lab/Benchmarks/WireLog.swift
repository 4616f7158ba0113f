/// What the watch on the wire saw on one host: answers of a promoted Redis, and announcements.
struct WireLog: Equatable {
  /// A take that lags this far behind the answer waited for something else than the answer.
  static let promptNanoseconds: Int64 = 5_000_000
  /// How long no *master* may have been seen before one that is news; polls come each 0.1 s.
  static let quietNanoseconds: Int64 = 500_000_000

  /// From the answer to the announcement, in microseconds, for each take that the answer caused.
  private(set) var latencies: [Double] = []
  /// Takes that something else was waited for.
  private(set) var lateTakes = 0

  /// Reads what `Tests/WireBench/watch.c` wrote.
  ///
  /// - Parameters:
  ///   - text: the lines.
  ///   - address: the address whose announcements count.
  ///   - quiet: nanoseconds without *master* that make the next one news.
  init(_ text: String, address: String, quiet: Int64 = Self.quietNanoseconds) {
    var news: Int64?
    var seenAt: Int64 = .min / 2
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count >= 2, let stamp = Int64(words[1]) else { continue }
      if words[0] == "master" {
        if stamp - seenAt > quiet { news = stamp }
        seenAt = stamp
      } else if words[0] == "arp", words.count == 3, words[2] == address, let event = news {
        news = nil
        if stamp - event < Self.promptNanoseconds {
          latencies.append(Double(stamp - event) / 1_000)
        } else {
          lateTakes += 1
        }
      }
    }
  }
}
