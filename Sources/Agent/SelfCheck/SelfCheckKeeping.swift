import Addresses
import ChannelMessages
import FailoverCore

/// What one group keeps of looking whether its addresses answer.
struct SelfCheckKeeping {
  /// A check that found something wrong is repeated so long after it began, until it finds nothing.
  static let repeatPeriod = Duration.seconds(30)
  /// Nodes that are asked directly, besides all that follow the master by then.
  static let mostAsked = 6

  /// When the addresses were taken; nothing while this node does not hold them.
  var takenAt: Instant?
  /// The check that answers are waited for.
  var current: SelfCheck?
  /// Calls the addresses from this host.
  var localCaller: AddressCaller?
  /// What the last check of this holding found.
  var last: SelfCheckResult?
  /// Whether an answer from outside came in this holding.
  var wasReached = false
  /// What this daemon does for another that took the addresses.
  var duty: CheckDuty?
  /// Questions and answers in a second: a group has a handful of nodes.
  var intake = MessageIntake(limit: 100)
  /// Where an address is called; a test has its own server there.
  var end: (IPAddress, UInt16) -> Endpoint = { Endpoint(address: $0, port: $1) }
}

/// What a daemon does for another that asks whether its addresses answer.
///
/// One at a time and one a second, whoever asks.
struct CheckDuty {
  /// The least time between the beginnings of two.
  static let period = Duration.seconds(1)
  /// The least time between two messages with the same answer.
  static let tellPeriod = Duration.milliseconds(250)
  /// How long to listen on after the last call: whoever else claims the address answers within it.
  static let settling = Duration.milliseconds(20)

  let check: AddressCheck
  /// The `sender` of the daemon that asked.
  let asker: UInt64
  let heardAt: Instant
  var caller: AddressCaller?
  var outcome: AddressCaller.Outcome?
  var toldAt: Instant?
  private(set) var claimants: [AddressCheckAnswer.Claimant] = []

  init(_ check: AddressCheck, from asker: UInt64, at now: Instant) {
    self.check = check
    self.asker = asker
    heardAt = now
  }

  /// Whether another may begin.
  func isOver(at now: Instant) -> Bool { outcome != nil && now - heardAt >= Self.period }

  /// Takes in who answers on the link: each once, with the first address.
  mutating func heard(_ address: IPAddress, by macAddress: MACAddress) {
    guard outcome == nil, claimants.count < AddressCheckAnswer.mostParts,
      !claimants.contains(where: { $0.macAddress == macAddress })
    else { return }
    claimants.append(.init(address: address, macAddress: macAddress))
  }

  /// The answer, once there is one and it was not told just now; it is then told.
  mutating func answerToTell(from node: Endpoint, at now: Instant) -> AddressCheckAnswer? {
    guard let outcome else { return nil }
    if let toldAt, now - toldAt < Self.tellPeriod { return nil }
    toldAt = now
    return AddressCheckAnswer(
      node: node, asker: asker, nonce: check.nonce, reached: outcome.reached,
      missed: outcome.missed, claimants: claimants, after: outcome.at - heardAt,
      held: now - outcome.at)
  }
}
