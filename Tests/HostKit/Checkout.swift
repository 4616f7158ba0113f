import Foundation
import Lab

/// This checkout: what was built in it, and what its documents tell an operator to type.
enum Checkout {
  /// The package's root, found from where this file was compiled.
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path(percentEncoded: false)

  /// Where the packages for tests lie, below the root: `build_test_packages` in scripts/lib/build.sh
  /// makes them.
  private static let packageDirectory = ".build/packages/test"

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

  /// The path of a package: of the same programs there is a first one, and a second with a greater version.
  ///
  /// - Parameter number: 1 or 2.
  /// - Returns: where it lies.
  /// - Throws: ``LabError/refused(_:)`` where it is missing, with what makes it.
  static func package(_ number: Int) throws(LabError) -> String {
    let directory = root + packageDirectory
    let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    guard let file = files.first(where: { $0.contains("~test\(number)_") && $0.hasSuffix(".deb") })
    else {
      throw .refused("there is no package in \(directory): scripts/test packages package makes it")
    }
    return "\(directory)/\(file)"
  }
}
