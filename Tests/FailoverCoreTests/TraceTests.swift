import Foundation
import Testing

/// Whole failovers as readable text: the script in, the machine's orders below each line.
///
/// With `VIPD_UPDATE_TRACES=1` the files are written anew; the difference is then explained in
/// the commit. With `VIPD_TRACE=NAME` only that one is played, for who knows which it will be.
@Suite struct TraceTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Traces")

  static var names: [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
    return files.filter { $0.hasSuffix(".txt") }.sorted()
  }

  static var played: [String] {
    guard let name = ProcessInfo.processInfo.environment["VIPD_TRACE"] else { return names }
    return names.filter { $0 == name }
  }

  @Test("The traces are there")
  func present() {
    #expect(Self.names.count >= 20)
  }

  @Test("A golden trace plays as it is written", arguments: played)
  func plays(name: String) throws {
    let url = Self.folder.appending(path: name)
    let written = try String(contentsOf: url, encoding: .utf8)
    let played = try TraceScript.rendering(of: written)
    if ProcessInfo.processInfo.environment["VIPD_UPDATE_TRACES"] == "1" {
      try played.write(to: url, atomically: true, encoding: .utf8)
    } else {
      #expect(played == written, "\(name) plays otherwise than it is written")
    }
  }
}
