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
      package import Links
      @testable import Core
      """##)
    #expect(scanner.places(of: "try!").isEmpty)
    #expect(scanner.imports() == ["Addresses", "Links", "Core"])
    #expect(!scanner.code.contains("{"))
    #expect(scanner.lines.count == 10)
  }

  @Test func `A phrase is found where it stands, and not within a word`() {
    let scanner = SwiftScanner("blueprint(1)\nprint(2)\n  x.print(3)\ny = try! z")
    #expect(scanner.places(of: "print(") == [2])
    #expect(scanner.places(of: "try!") == [4])
  }

  @Test func `A property is open unless only its type, or its file, can set it`() {
    let scanner = SwiftScanner(
      """
      final class C {
        static var shared = 1
        let fixed: Int
        var open: [(a: Int, b: Int)]
        var watched = 1 { didSet { } }
        var heard: Int {
          didSet { var inner = 1 }
        }
        weak var far: C?
        private(set) var read = 1
        private lazy var late = { var inner = 2; return inner }()
        fileprivate var shut: Int
        var computed: [(
          a: Int, b: Int)] { [] }
        class func make() {}
        func f() { var inner = 1 }
        private final class Inner { var free = 1 }
        struct Value { var free = 1 }
      }
      struct Machine {
        var state = 0
        mutating func step() { state += 1 }
      }
      extension Value { mutating func step() {} }
      """)
    #expect(
      scanner.openProperties() == [
        .init(type: "C", name: "open", line: 4), .init(type: "C", name: "watched", line: 5),
        .init(type: "C", name: "heard", line: 6), .init(type: "C", name: "far", line: 9),
        .init(type: "Machine", name: "state", line: 21),
      ])
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
