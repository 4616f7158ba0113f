import Testing

@testable import vipctl

@Suite struct ProgramCallTests {
  @Test func `A program reads on its standard input all that it is given`() throws {
    let text = String(repeating: "0123456789abcdef", count: 12_800)
    let ending = try #require(
      ProgramCall(program: "cat", arguments: ["/dev/stdin"], input: text).run())
    #expect(ending.status == 0)
    #expect(ending.output == text)
  }
}
