import Foundation
import NIOCore
import PeerKit
import Synchronization
import Testing

@testable import Store

private final class Problems: Sendable {
  private let texts = Mutex<[String]>([])

  var all: [String] { texts.withLock { $0 } }

  func note(_ text: String) {
    texts.withLock { $0.append(text) }
  }
}

@Suite(.timeLimit(.minutes(10))) struct WriteQueueTests {
  private static func draft(_ text: String) -> WriteQueue.Draft {
    .init(content: Array(text.utf8), isLasting: true)
  }

  @Test func `Files that change all the time keep no other from the disk`() async throws {
    let place = try StorePlace()
    defer { place.end() }
    let directory = place.directory
    // Longer than the test may last: nothing but its turn ends a wait.
    await place.runQueue(patience: .seconds(3_600), { _ in }) { queue, _, done in
      var isOver = false
      func changeAgain(_ name: String) {
        guard !isOver else { return }
        queue.replace("\(directory)/\(name)", with: Self.draft("busy"))
        queue.whenWritten("\(directory)/\(name)") { changeAgain(name) }
      }
      // One is written while the other waits, so that something always does.
      changeAgain("a")
      queue.replace("\(directory)/other", with: Self.draft("x"))
      changeAgain("b")
      queue.whenWritten("\(directory)/other") {
        #expect(place.text(of: "other") == "x")
        isOver = true
        queue.whenWritten(nil, done)
      }
    }
  }

  @Test func `What was given is on the disk when the wait ends, whatever was given since`()
    async throws
  {
    let place = try StorePlace()
    defer { place.end() }
    let directory = place.directory
    await place.runQueue({ _ in }) { queue, _, done in
      queue.replace("\(directory)/a", with: Self.draft("1"))
      queue.replace("\(directory)/a", with: Self.draft("2"))
      queue.whenWritten("\(directory)/a") {
        #expect(place.text(of: "a") == "2")
        queue.replace("\(directory)/a", with: .init(content: nil, isLasting: false))
        queue.whenWritten(nil) {
          #expect(place.text(of: "a") == nil)
          // Nothing waits any more, so this is called at once.
          queue.whenWritten(nil, done)
        }
      }
    }
  }

  @Test func `A disk that does not answer is told, and waited for no longer than that`()
    async throws
  {
    let place = try StorePlace()
    defer { place.end() }
    let directory = place.directory
    let problems = Problems()
    let hanging = try HangingFile("\(directory)/a.new")
    await place.runQueue(patience: .milliseconds(50), problems.note) { queue, loop, done in
      queue.replace("\(directory)/a", with: Self.draft("1"))
      queue.replace("\(directory)/b", with: Self.draft("2"))
      queue.whenWritten("\(directory)/b") {
        #expect(place.text(of: "b") == nil)
        #expect(
          problems.all == ["can't write \(directory)/a: the disk has not answered for 50 ms"])
        hanging.answerWriter()
        // What waited behind it is written once the disk answers again.
        until(loop, { place.text(of: "b") == "2" }, then: done)
      }
    }
  }
}
