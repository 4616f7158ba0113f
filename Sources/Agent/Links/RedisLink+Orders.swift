import FailoverCore
import RESP

/// What the group has the link say and do, at once.
extension RedisLink {
  /// Publishes on the group's channel, which replicas get through replication.
  func publish(_ message: [UInt8]) {
    guard isConnected else { return }
    var writer = RESPWriter()
    writer.array(count: 3)
    writer.bulkString("PUBLISH")
    writer.bulkString(channelName)
    writer.bulkString(message)
    commands?.send(writer.bytes, expecting: [.publish])
  }

  /// Whether orders about the fence wait for their answer.
  var hasOrders: Bool { !orders.isEmpty }

  /// Carries out an order about the fence at once; it is answered by one report.
  func carryOut(_ order: FenceOrder) {
    guard isConnected, let commands else { return report(.fenceAnswered(order, .unreachable)) }
    let words = orders.begin(order)
    commands.send(
      words.flatMap(RESPWriter.command), expecting: repeatElement(.order, count: words.count))
  }

  /// Does what a planned move asks for, at once.
  func run(_ errand: RedisErrand) {
    guard isConnected, let commands else {
      return RedisErrands.unanswered(errand, sentAt: clock.now()).map(report) ?? ()
    }
    let words = errands.begin(errand, at: clock.now())
    commands.send(
      words.flatMap(RESPWriter.command), expecting: repeatElement(.errand, count: words.count))
  }
}
