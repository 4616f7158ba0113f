import Configuration
import FuzzKit
import Testing

@Suite struct ConfigurationFuzzTests {
  private static let words = [
    "sentinel", "vip", "redis", "lease", "blind", "fence", "announce", "auth-user", "daemonless",
    "auth-pass-file", "channel-key-file", "control", "hook", "metrics", "state-dir", "on-stop",
    "tls", "ca", "cert", "key", "server-name", "min-version", "1.2", "verify", "no", "/f", "m", "n",
    "10.0.0.1", "10.0.0.2/24", "fd77::1/64", "dev", "eth0", "26379", "rounds",
    "1", "2s", "off", "auto", "hold", "min-replicas", "max-lag", "all", "yes", "release", "/a",
    "\"", "'", "\\", "\\x", "\"a\\x4", "#", "\u{301}", "\u{0}", "999999999h", "-1", "\t", "",
  ]

  @Test(arguments: 0..<200 as Range<UInt64>)
  func `No mixture of words traps, and each problem stands in the text`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<20 {
      let lines = (0..<Int.random(in: 0..<12, using: &random)).map { _ in
        (0..<Int.random(in: 0..<7, using: &random)).map { _ in
          Self.words.randomElement(using: &random) ?? ""
        }.joined(separator: Bool.random(using: &random) ? " " : "")
      }
      let text = lines.joined(separator: "\n")
      guard let error = failure(Array(text.utf8)) else { continue }
      #expect(!error.problems.isEmpty)
      #expect(error.problems == error.problems.sorted())
      for problem in error.problems {
        #expect((1...max(lines.count, 1)).contains(problem.line), "\(text)")
        let line = lines.isEmpty ? "" : lines[problem.line - 1]
        #expect((1...line.unicodeScalars.count + 1).contains(problem.column), "\(text)")
      }
    }
  }

  @Test(arguments: 0..<100 as Range<UInt64>)
  func `No bytes trap`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<20 {
      let bytes = (0..<Int.random(in: 0..<400, using: &random)).map { _ in
        UInt8.random(in: .min ... .max, using: &random)
      }
      #expect(failure(bytes) != nil)
      _ = Configuration.isDaemonless(in: bytes)
    }
  }

  private func failure(_ text: [UInt8]) -> ConfigurationError? {
    do {
      _ = try Configuration(parsing: text, file: "f")
      return nil
    } catch {
      return error
    }
  }
}
