import Addresses
import Configuration
import Links
import NIOCore
import PeerKit
import RESP
import Testing

@testable import Agent

/// A fake Sentinel that lists one other.
private final class ListingSentinel {
  let runID: String
  /// Where, and with which run id, it knows another one.
  var other: (endpoint: Endpoint, runID: String)?

  init(runID: String) {
    self.runID = runID
  }

  func answer(_ words: [String], _ writer: inout RESPWriter) {
    switch (words.first, words.dropFirst().first) {
    case ("SENTINEL", "MYID"): writer.bulkString(runID)
    case ("SENTINEL", "SENTINELS"):
      writer.array(count: other == nil ? 0 : 1)
      guard let other else { return }
      let fields = [
        "name", other.runID, "ip", "\(other.endpoint.address)", "port", "\(other.endpoint.port)",
        "runid", other.runID,
      ]
      writer.array(count: fields.count)
      for field in fields { writer.bulkString(field) }
    default: FakeSentinel.answer(words, &writer)
    }
  }
}

@Suite(.timeLimit(.minutes(10))) struct LoopbackSentinelTests {
  @Test(arguments: [true, false])
  func `A Sentinel that the file names at loopback and another at its address counts once`(
    isOtherFirst: Bool
  ) async {
    await onLoop { loop, finish in
      let bench = GroupBench(loop: loop)
      let sentinels = NIOLoopBound(
        [ListingSentinel(runID: "beef"), ListingSentinel(runID: "f00d")], eventLoop: loop)
      let near = FakeServer(loop: loop) { sentinels.value[0].answer($0, &$1) }
      let far = FakeServer(loop: loop) { sentinels.value[1].answer($0, &$1) }
      near.open { nearPort in
        far.open { farPort in
          // This host by another address than loopback (ip(7): INADDR_ANY).
          let real = Endpoint(address: .v4(IPv4Address(0, 0, 0, 0)), port: nearPort)
          sentinels.value[0].other = (loopback(farPort), "f00d")
          sentinels.value[1].other = (real, "beef")
          // The far one is met by what the near one says, or before it.
          let ports = isOtherFirst ? [farPort, nearPort] : [nearPort]
          bench.change = { configuration in
            configuration.sentinels = ports.map {
              SentinelAddress(host: .address(loopback($0).address), port: $0)
            }
          }
          try? bench.start(port: 1) { _ in
            // A poll that follows the list shows that the list was taken in.
            let isRead: (FakeServer) -> Bool = { server in
              let words = server.commands.map { $0.dropFirst().first }
              guard let list = words.firstIndex(of: "SENTINELS") else { return false }
              return words[list...].count { $0 == "GET-MASTER-ADDR-BY-NAME" } >= 2
            }
            bench.until({ isRead(near) && isRead(far) }) {
              let known = bench.daemon?.sentinels ?? []
              #expect(Set(known.map(\.id)) == [loopback(nearPort), loopback(farPort)])
              near.close()
              far.close()
              bench.stop(finish)
            }
          }
        }
      }
    }
  }
}
