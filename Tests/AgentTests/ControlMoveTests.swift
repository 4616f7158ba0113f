import Foundation
import NIOCore
import PeerKit
import RESP
import Testing

@testable import Agent

@Suite(.timeLimit(.minutes(10))) struct ControlMoveTests {
  /// Asks a fresh daemon, to which no Sentinel answers, and returns the answers.
  private func answers(_ text: String, values: Int) async -> [RESPToken] {
    await withCheckedContinuation { continuation in
      Task {
        await onLoop { loop, finish in
          guard let bench = try? ControlBench(loop: loop) else {
            continuation.resume(returning: [])
            return finish()
          }
          bench.start {
            bench.ask("c.sock", Array(text.utf8), values: values) { tokens in
              bench.end(finish)
              continuation.resume(returning: tokens)
            }
          }
        }
      }
    }
  }

  private func outcome(_ text: String?) throws -> String? {
    let data = Data(try #require(text).utf8)
    let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    return object?["outcome"] as? String
  }

  @Test func `In RESP2 the reply is an array of all lines, the result last`() async throws {
    let tokens = await answers("MOVE mymaster\nPING\n", values: 2)
    try #require(tokens.count == 2)
    let lines = try #require(tokens[0].elements.map(Array.init))
    #expect(try outcome(lines.last?.text) == "failed")
    #expect(lines.last?.text?.contains("no Sentinel in contact names a master") == true)
    #expect(tokens[1].text == "PONG", "the connection goes on")
  }

  @Test func `In RESP3 the reply is the result alone`() async throws {
    let tokens = await answers("HELLO 3\nMOVE mymaster DRYRUN\n", values: 2)
    try #require(tokens.count == 2)
    #expect(try outcome(tokens[1].text) == "failed")
  }

  @Test func `An order that is none is refused before anything begins`() async throws {
    let tokens = await answers(
      "MOVE\nMOVE *\nMOVE nope\nMOVE mymaster 10.77.0.2\nMOVE mymaster TIMEOUT 1\nCANCEL\n",
      values: 6)
    let errors = tokens.map { $0.errorText ?? "" }
    try #require(errors.count == 6)
    #expect(errors[0].contains("a master name is expected"))
    #expect(errors[1].contains("one group moves at a time"))
    #expect(errors[2].contains("no such master 'nope'"))
    #expect(errors[3].contains("'10.77.0.2' is not expected"))
    #expect(errors[4].contains("TIMEOUT is followed by"))
    #expect(errors[5].contains("no move is under way on this connection"))
  }

  @Test func `The virtual address is no place to move to`() async throws {
    let tokens = await answers("MOVE mymaster TO 10.77.0.100\n", values: 1)
    let lines = try #require(tokens.first?.elements.map(Array.init))
    #expect(lines.last?.text?.contains("10.77.0.100 is the virtual address") == true)
  }

  @Test func `A move that waits for a name is cancelled, and answers only once`() async throws {
    let tokens = await answers(
      "HELLO 3\nMOVE mymaster TO host.invalid\nMOVE mymaster\nCANCEL\nPING\n", values: 4)
    try #require(tokens.count == 4)
    #expect(tokens[1].errorText?.contains("a move is under way on this connection") == true)
    #expect(tokens[2].text?.contains("cancelled before it began") == true)
    #expect(tokens[3].text == "PONG")
  }
}
