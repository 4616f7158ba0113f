import Foundation
import Testing

/// The unit of the daemon, as systemd judges it.
@Suite struct UnitFileTests {
  /// systemd-analyze(1); nil where there is none.
  private static let analyzer = ["/usr/bin/systemd-analyze", "/bin/systemd-analyze"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  @Test(.enabled(if: analyzer != nil)) func `The sandbox leaves no more than 2.0 of 10`() throws {
    let process = Process()
    process.executableURL = URL(filePath: try #require(Self.analyzer))
    process.arguments = [
      "security", "--offline=true", "--no-pager", "--threshold=20",
      SourceTree.root.appending(path: "systemd/vipd.service").path,
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(text)")
    #expect(text.contains("Overall exposure level"), "\(text)")
  }
}
