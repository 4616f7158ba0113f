import Addresses
import ChannelMessages
import Configuration
import FailoverCore

// MARK: - Looking for others whether their addresses answer

extension Group {
  /// Whether a message is worth reading, as far as questions and answers about addresses go.
  func isWorthChecking(_ bytes: [UInt8]) -> Bool {
    guard bytes.starts(with: Self.checkPrefix) else { return true }
    return selfChecks.intake.admits(at: services.clock.now())
  }

  /// How both kinds begin: `check` and `checked`.
  private static let checkPrefix = Array("vipd1 check".utf8)

  /// Another node took the addresses and asks whether they answer this host.
  ///
  /// Only the group's own addresses are called, at the port of a node that a Sentinel lists.
  func heard(_ check: AddressCheck, from asker: UInt64) {
    let now = services.clock.now()
    guard !instances.own.isEmpty, !instances.own.contains(check.node),
      instances.known.contains(check.node)
    else { return }
    if let duty = selfChecks.duty {
      if duty.check == check, duty.asker == asker { return tellAnswer() }
      guard duty.isOver(at: now) else { return }
    }
    var duty = CheckDuty(check, from: asker, at: now)
    let port = section.clientPort(of: check.node)
    let caller = makeCaller(port: port, settling: CheckDuty.settling) { [weak self] in
      self?.selfChecks.duty?.outcome = $0
      self?.selfChecks.duty?.caller = nil
      self?.tellAnswer()
    }
    duty.caller = caller
    selfChecks.duty = duty
    caller.begin()
  }

  /// Tells the answer, if there is one by now.
  private func tellAnswer() {
    guard let node = instances.followed,
      let answer = selfChecks.duty?.answerToTell(from: node, at: services.clock.now()),
      let asker = selfChecks.duty?.check.node
    else { return }
    send(.checked(answer), also: asker)
  }

  /// Prepares to call the group's addresses from this host.
  ///
  /// From outside, each call is accompanied by the question who has the address; whoever answers
  /// is heard as a claim.
  func makeCaller(
    port: UInt16, settling: Duration, ended: @escaping (AddressCaller.Outcome) -> Void
  ) -> AddressCaller {
    let addresses = section.virtualAddresses
    let byAddress = Dictionary(addresses.map { ($0.address, $0) }) { first, _ in first }
    let isOutside = settling > .zero
    return AddressCaller(
      AddressCaller.Plan(
        addresses: addresses.map(\.address),
        endpoints: addresses.map { selfChecks.end($0.address, port) }, settling: settling),
      login: redisLogin, loop: services.loop, clock: services.clock,
      willCall: { [weak self] address in
        guard isOutside else { return true }
        guard let self, let virtual = byAddress[address],
          !services.network.isPresent(virtual)
        else { return false }
        _ = services.network.probe(virtual)
        return true
      }, ended: ended)
  }
}
