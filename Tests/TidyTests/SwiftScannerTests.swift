import Testing

@Suite struct SwiftScannerTests {
  @Test func `Comments and strings don't count as code`() {
    let scanner = SwiftScanner(
      ##"""
      // import Foundation
      /* try! /* nested */ try! */
      let a = "try! \(f("}") + "{") try!" // try!
      let b = #"try! "quoted" \#(c) \n"#
      let c = """
        try! { "
        """
      public import Addresses
      @testable import Core
      """##)
    #expect(scanner.places(of: "try!").isEmpty)
    #expect(scanner.imports() == ["Addresses", "Core"])
    #expect(!scanner.code.contains("{"))
    #expect(scanner.lines.count == 9)
  }

  @Test func `A phrase is found where it stands, and not within a word`() {
    let scanner = SwiftScanner("blueprint(1)\nprint(2)\n  x.print(3)\ny = try! z")
    #expect(scanner.places(of: "print(") == [2])
    #expect(scanner.places(of: "try!") == [4])
  }

  @Test func `A function is measured from its keyword to its closing brace`() {
    let scanner = SwiftScanner(
      """
      protocol P {
        func promise()
        init(a: Int)
      }
      struct S {
        init(
          f: () -> Void = { }
        ) {
          self.init(g: 1)
        }
        func `a name`(_ x: [Int]) throws(E)
          -> Int
        where T: U {
          let c = {
            1
          }
          return c()
        }
        func short() {}
      }
      """)
    #expect(
      scanner.functions() == [
        .init(name: "init", line: 6, length: 5), .init(name: "func a", line: 11, length: 8),
        .init(name: "func short", line: 19, length: 1),
      ])
    #expect(scanner.typeNames() == ["P", "S"])
  }
}
