import Addresses
import ChannelMessages
import FailoverCore
import Wording

/// One look at whether the addresses that this node took answer: what was asked and heard so far.
///
/// A value without a clock. It decides nothing: the holding does not depend on what comes of it.
struct SelfCheck {
  /// How long answers are waited for: as long as others try, and then their way back.
  static let limit = AddressCaller.limit + .milliseconds(500)
  /// How often the question is repeated: a message is lost where a subscriber just reconnects.
  static let askPeriod = Duration.milliseconds(500)

  let nonce: UInt64
  let addresses: [IPAddress]
  /// When the addresses were taken.
  let takenAt: Instant
  /// When the looking began; later than the take for a check that is repeated.
  let begunAt: Instant
  /// What came of it; nil yet.
  private(set) var result: SelfCheckResult?
  private var askedAt: Instant?
  /// The first answer of somebody who did not reach every address.
  private var failure: AddressCheckAnswer?
  /// What came of calling the addresses from this host, which goes through the loopback.
  private var local: AddressCaller.Outcome?

  init(nonce: UInt64, addresses: [IPAddress], takenAt: Instant, begunAt: Instant) {
    self.nonce = nonce
    self.addresses = addresses
    self.takenAt = takenAt
    self.begunAt = begunAt
  }

  /// Asks the others if it is time; whether it is.
  mutating func ask(at now: Instant) -> Bool {
    guard result == nil, !isOver(at: now) else { return false }
    if let askedAt, now - askedAt < Self.askPeriod { return false }
    askedAt = now
    return true
  }

  /// Whether no answer is waited for any more.
  func isOver(at now: Instant) -> Bool { now - begunAt >= Self.limit }

  /// Takes in an answer of another node; the result, if this answer gave or changed it.
  ///
  /// The first that reached every address counts. Somebody else who answers on the link for an
  /// address counts at any time.
  mutating func heard(
    _ answer: AddressCheckAnswer, at now: Instant, isOwn: (MACAddress) -> Bool
  ) -> SelfCheckResult? {
    guard answer.nonce == nonce, !isOver(at: now) else { return nil }
    let hasReached = answer.reached >= addresses.count && answer.missed.isEmpty
    let after = hasReached ? max(.zero, now - takenAt - answer.held) : nil
    if let claimant = answer.claimants.first(where: { claimant in
      addresses.contains(claimant.address) && !isOwn(claimant.macAddress)
    }) {
      guard result?.outcome != .foreign else { return nil }
      return settle(
        SelfCheckResult(
          outcome: .foreign, after: after ?? result?.after, by: answer.node,
          macAddress: claimant.macAddress, address: claimant.address))
    }
    guard result == nil else { return nil }
    if hasReached {
      return settle(
        SelfCheckResult(
          outcome: .outside, after: after, by: answer.node,
          macAddress: answer.claimants.first?.macAddress))
    }
    // Who missed none, and reached fewer, has another configuration and did not look at all.
    if failure == nil, !answer.missed.isEmpty { failure = answer }
    return nil
  }

  /// Takes in what came of calling the addresses from this host.
  mutating func heardLocally(_ outcome: AddressCaller.Outcome) {
    local = outcome
  }

  /// The result once nobody's answer is waited for any more; `isAlone` says that there is nobody
  /// else who could look.
  mutating func conclude(
    at now: Instant, isAlone: @autoclosure () -> Bool
  ) -> SelfCheckResult? {
    guard result == nil, isOver(at: now) || local != nil && isAlone() else { return nil }
    let answersHere = local.map { $0.missed.isEmpty } ?? false
    if let failure, let miss = failure.missed.first {
      return settle(
        SelfCheckResult(
          outcome: .failed, by: failure.node, address: miss.address, reason: miss.reason,
          answersHere: answersHere))
    }
    if let local, answersHere {
      return settle(SelfCheckResult(outcome: .local, after: max(.zero, local.at - takenAt)))
    }
    let miss = local?.missed.first
    return settle(
      SelfCheckResult(
        outcome: .failed, address: miss?.address ?? addresses.first,
        reason: miss?.reason ?? .silent))
  }

  private mutating func settle(_ new: SelfCheckResult) -> SelfCheckResult {
    var new = new
    new.count = addresses.count
    result = new
    return new
  }
}
