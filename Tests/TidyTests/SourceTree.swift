import Foundation

/// The files of this package, found from where this file was compiled.
enum SourceTree {
  /// A file of the package.
  struct File: Sendable, CustomStringConvertible {
    /// The path below the package's root.
    var path: String
    /// The whole text.
    var text: String

    /// The path, which is how a test's argument shows.
    var description: String { path }
    /// The number of lines.
    var lineCount: Int { text.split(separator: "\n", omittingEmptySubsequences: false).count - 1 }
    /// `Agent` for `Sources/Agent/Links/RedisLink.swift`.
    var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
  }

  /// The package's root.
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The Swift files below a directory.
  static func swiftFiles(below directory: String) throws -> [File] {
    try files(below: directory).filter { $0.path.hasSuffix(".swift") }
  }

  /// The text files below a directory, without what a build or git leaves there.
  static func files(below directory: String = "") throws -> [File] {
    let start = directory.isEmpty ? root : root.appending(path: directory)
    let base = root.resolvingSymlinksInPath().path(percentEncoded: false)
    guard let walk = FileManager.default.enumerator(at: start, includingPropertiesForKeys: nil)
    else { throw CocoaError(.fileReadNoSuchFile) }
    var files: [File] = []
    for case let url as URL in walk {
      let name = url.lastPathComponent
      if name == ".git" || name.hasPrefix(".build") || name == "__pycache__" {
        walk.skipDescendants()
        continue
      }
      guard !ignored.contains(name), !url.hasDirectoryPath,
        let text = try? String(contentsOf: url, encoding: .utf8)
      else { continue }
      let path = url.resolvingSymlinksInPath().path(percentEncoded: false)
      files.append(
        File(path: String(path.dropFirst(base.count).drop { $0 == "/" }), text: text))
    }
    return files.sorted { $0.path < $1.path }
  }

  /// What git ignores.
  private static let ignored: Set<String> = ["Package.resolved"]
}
