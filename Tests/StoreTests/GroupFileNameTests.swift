import Testing

@testable import Store

@Suite struct GroupFileNameTests {
  @Test(
    "A master name becomes a file name without a path in it",
    arguments: [
      ("mymaster", "mymaster"), ("../etc/passwd", "%2e%2e%2fetc%2fpasswd"), ("a.b", "a%2eb"),
      ("é", "%c3%a9"), ("a\u{1}b", "a%01b"), ("a%01b", "a%2501b"), ("a~b", "a%7eb"),
    ])
  func fileName(name: String, expected: String) {
    #expect(GroupFileName.name(for: name) == expected)
  }

  @Test func `Master names that differ behind their 80th byte have files of their own`() {
    let beginning = String(repeating: "m", count: 120)
    #expect(GroupFileName.name(for: beginning + "1") == beginning + "1")
    #expect(GroupFileName.name(for: beginning + "2") == beginning + "2")
    let accented = String(repeating: "é", count: 60)
    let names = ["1", "2", "."].map { GroupFileName.name(for: accented + $0) }
    #expect(Set(names).count == 3)
    #expect(names.allSatisfy { $0.hasPrefix("%c3%a9%c3%a9") && $0.contains("~") })
  }

  @Test(arguments: ["m", "é", "/", "%"])
  func `No file of a group has a name that a directory does not take`(character: String) {
    for count in [1, 26, 27, 40, 64, 80, 81, 120, 128, 4_096] {
      let name = GroupFileName.name(for: String(repeating: character, count: count))
      #expect((name + ".history.new").utf8.count <= 255)
    }
  }

  @Test func `Only names that were cut, or not escaped in full, had another file before`() {
    #expect(GroupFileName.earlierName(for: "mymaster") == nil)
    #expect(GroupFileName.earlierName(for: String(repeating: "é", count: 40)) == nil)
    let long = String(repeating: "m", count: 100)
    #expect(GroupFileName.earlierName(for: long) == String(repeating: "m", count: 80))
    #expect(GroupFileName.earlierName(for: "a\u{1}b") == "a%1b")
  }
}
