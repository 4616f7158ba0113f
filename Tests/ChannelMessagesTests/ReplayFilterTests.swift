import Addresses
import ChannelMessages
import FailoverCore
import Testing

/// Which of the messages pass a new filter, each given as its number and its sender.
private func admitted(_ messages: [(sequence: UInt64, sender: UInt64)]) -> [Bool] {
  var filter = ReplayFilter()
  return messages.map { message in
    filter.admit(
      ChannelMessage(
        sender: message.sender, sequence: message.sequence,
        body: .state(NodeState(node: nil, isHolding: false, version: "1"))))
  }
}

@Suite struct ReplayFilterTests {
  @Test func `A message passes once, in whatever order they come`() {
    let order: [UInt64] = [5, 3, 4, 5, 3, 9, 8, 4, 9]
    #expect(
      admitted(order.map { ($0, 1) })
        == [true, true, true, false, false, true, true, false, false])
  }

  @Test func `What is older than the window does not pass`() {
    #expect(admitted([(100, 1), (37, 1), (36, 1)]) == [true, true, false])
  }

  @Test func `A jump empties the window`() {
    #expect(
      admitted([(1, 1), (.max, 1), (.max - 63, 1), (1, 1), (.max, 1)])
        == [true, true, true, false, false])
  }

  @Test func `Senders are kept apart`() {
    #expect(admitted([(1, 1), (1, 2), (1, 1)]) == [true, true, false])
  }

  @Test func `Of too many senders the one heard longest ago is forgotten`() {
    let crowd = (0..<UInt64(ReplayFilter.maxSenders)).map { (sequence: UInt64(1), sender: $0) }
    // Sender 0 is heard again, so that 1 makes room for 1000.
    let passed = admitted(crowd + [(2, 0), (1, 1000), (2, 0), (1, 1)])
    #expect(passed.suffix(4) == [true, true, false, true])
  }
}
