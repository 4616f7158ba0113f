import Foundation
import Lab

/// This checkout: what was built in it, and what its documents tell an operator to type.
enum Checkout {
  /// The package's root, found from where this file was compiled.
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path(percentEncoded: false)

  /// The programs that `scripts/build` makes.
  static let programs = ["vipd", "vipctl", "vipd-reconfig"]

  /// Where those programs lie, below the root.
  static let programDirectory = ".build/release"

  /// The first block of a document, between lines of three back quotes, that begins so.
  static func block(of document: String, beginning start: String) throws(LabError) -> String {
    let text = try readFile("\(root)/\(document)")
    // Every second piece stands between two such lines; its first line may name a language.
    let pieces = text.components(separatedBy: "\n```")
    for index in stride(from: 1, to: pieces.count, by: 2) {
      let block = pieces[index].drop { $0 != "\n" }.dropFirst()
      if block.hasPrefix(start) { return block + "\n" }
    }
    throw .refused("\(document) has no block that begins with ‘\(start)’")
  }

  /// Says no where the release programs are missing, and what makes them.
  static func requirePrograms() throws(LabError) {
    for program in programs {
      let path = "\(root)\(programDirectory)/\(program)"
      guard FileManager.default.isExecutableFile(atPath: path) else {
        throw .refused("\(path) is missing: scripts/build makes it")
      }
    }
  }
}
