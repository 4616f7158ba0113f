import Foundation
import Testing

/// The pages that a package brings: what the programs understand stands in them.
@Suite struct ManualTests {
  private func text(_ path: String) throws -> String {
    try String(contentsOf: SourceTree.root.appending(path: path), encoding: .utf8)
  }

  /// The first word in quotes after each mark in a text.
  private func quoted(after mark: String, in text: String) -> [String] {
    text.ranges(of: mark).map { String(text[$0.upperBound...].prefix { $0 != "\"" }) }
  }

  @Test func `vipd.conf(5) has every directive`() throws {
    let page = try text("docs/man/vipd.conf.5")
    let source = try text("Sources/Configuration/Directive.swift")
    var names: [String] = []
    for line in source.split(separator: "\n") where line.hasPrefix("  case ") {
      for word in line.dropFirst("  case ".count).split(separator: ",") {
        let parts = word.split(separator: "\"")
        names.append(parts.count > 1 ? String(parts[1]) : word.filter { $0 != " " })
      }
    }
    #expect(names.count > 15)
    for name in names {
      #expect(page.contains("\n.It Ic \(name) ") || page.contains("\n.Ic \(name) Ar"), "\(name)")
    }
  }

  @Test func `vipctl(8) has every command`() throws {
    let page = try text("docs/man/vipctl.8")
    let sources = try SourceTree.swiftFiles(below: "Sources/vipctl")
    let names = sources.flatMap { quoted(after: "commandName: \"", in: $0.text) }
      .filter { $0 != "vipctl" && $0 != "list" && $0 != "forget" }
    #expect(names.count > 10)
    for name in names {
      #expect(page.contains("\n.It Ic \(name)") || page.contains("\n.Ic \(name) Ar"), "\(name)")
    }
    #expect(page.contains("\n.It Ic sentinels forget "))
  }

  @Test func `vipd(8) has every option`() throws {
    let page = try text("docs/man/vipd.8")
    let options = quoted(after: "case \"--", in: try text("Sources/vipd/Arguments.swift"))
    #expect(options.count > 5)
    for option in options { #expect(page.contains("\n.It Fl Fl \(option)"), "\(option)") }
  }

  @Test func `The changelog of the package has the version of the programs`() throws {
    let version = try #require(
      quoted(after: "let text = \"", in: try text("Sources/Platform/Version.swift")).first)
    #expect(try text("debian/changelog").hasPrefix("vipd (\(version)) "))
  }
}
