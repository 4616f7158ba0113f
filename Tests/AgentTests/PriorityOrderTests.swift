import FailoverCore
import Foundation
import NIOCore
import PeerKit
import Platform
import Testing

@testable import Agent

@Suite(.timeLimit(.minutes(10))) struct PriorityOrderTests {
  @Test func `The priority is lowered only when what is to be restored is on the disk`() async {
    await onLoop { loop, finish in
      let bench = GroupBench(loop: loop)
      let bound = NIOLoopBound(bench, eventLoop: loop)
      // What the disk has when Redis hears of the new priority.
      let seen = NIOLoopBound(Seen(), eventLoop: loop)
      let server = FakeServer(loop: loop) { words, writer in
        if words.contains("replica-priority"), words.contains("1") {
          seen.value.onDisk = try? String(contentsOfFile: bound.value.statePath, encoding: .utf8)
        }
        bound.value.redis.answer(words, &writer)
      }
      bench.server = server
      server.open { port in
        try? bench.start(port: port) { group in
          bench.until({ group.redis.role != nil }) {
            let now = group.services.clock.now()
            group.run(.keepPriority(PriorityMemory(original: 77, lowered: 1)), at: now)
            group.run(.setPriority(1, isLasting: false), at: now)
            bench.until({ seen.value.onDisk != nil }) {
              #expect(seen.value.onDisk?.contains("77") == true)
              bench.stop(finish)
            }
          }
        }
      }
    }
  }

  private final class Seen {
    var onDisk: String?
  }
}
