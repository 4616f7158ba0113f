import Addresses
import ChannelMessages
import FailoverCore

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
  /// The number of the daemon that asked.
  let asker: UInt64
  let heardAt: Instant
  private var outcome: AddressCaller.Outcome?
  private var toldAt: Instant?
  private(set) var claimants: [AddressCheckAnswer.Claimant] = []

  init(_ check: AddressCheck, from asker: UInt64, at now: Instant) {
    self.check = check
    self.asker = asker
    heardAt = now
  }

  /// Whether another may begin.
  func isOver(at now: Instant) -> Bool { outcome != nil && now - heardAt >= Self.period }

  /// Takes in what came of the calls.
  mutating func end(_ outcome: AddressCaller.Outcome) { self.outcome = outcome }

  /// Takes in who answers on the link: each once, with the first address.
  mutating func heard(_ address: IPAddress, by macAddress: MACAddress) {
    guard outcome == nil, claimants.count < AddressCheckAnswer.maxParts,
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
