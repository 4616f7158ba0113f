import Addresses
import ChannelMessages
import Configuration
import FailoverCore
import Kernel
import Links
import Platform
import Wording

/// Looks whether a group's addresses answer: for this node after a take, and for others after theirs.
///
/// It decides nothing: what is found is told, and that is all.
final class SelfChecker {
  /// A check that found something wrong is repeated so long after it began, until it finds nothing.
  static let repeatPeriod = Duration.seconds(30)
  /// Nodes that are asked directly, besides all that follow the master by then.
  static let maxAsked = 6
  /// Questions and answers that are read in a second: a group has a handful of nodes.
  static let messagesInSecond = 100

  /// The check that answers are waited for.
  private(set) var current: SelfCheck?
  /// What the last check of this holding found.
  private(set) var last: SelfCheckResult?
  /// What this daemon does for another that took the addresses.
  private(set) var duty: CheckDuty?

  private let section: GroupSection
  private let access: Access
  private let services: GroupServices
  private let port: GroupPort
  private let ask: (AddressCheck, _ nodes: [Endpoint]) -> Void
  /// When the addresses were taken; nil while this node does not hold them.
  private var takenAt: Instant?
  /// Whether an answer from outside came in this holding.
  private var wasReached = false
  /// Call the addresses from this host: for this node, and for another.
  private var ownCaller: AddressCaller?
  private var dutyCaller: AddressCaller?
  private var intake = MessageIntake(limit: SelfChecker.messagesInSecond)
  private var place: (IPAddress, UInt16) -> Endpoint = { Endpoint(address: $0, port: $1) }

  /// Makes a checker; `ask` asks all who hear the local Redis, if it is a master, and some nodes.
  init(
    _ section: GroupSection, access: Access, _ services: GroupServices, _ port: GroupPort,
    ask: @escaping (AddressCheck, _ nodes: [Endpoint]) -> Void
  ) {
    self.section = section
    self.access = access
    self.services = services
    self.port = port
    self.ask = ask
  }

  /// Calls addresses elsewhere: a test has its own server there.
  func redirectCalls(to place: @escaping (IPAddress, UInt16) -> Endpoint) { self.place = place }

  /// Begins to look when this node has taken the addresses, and stops when it has let go.
  func follow(_ transition: Transition, at now: Instant) {
    let holds = transition.basis != .none
    guard holds != (takenAt != nil) else { return }
    forget()
    guard holds else { return }
    takenAt = now
    // Not within the call that takes: nothing of the take waits for this.
    services.afterwards { [weak self] in self?.begin() }
  }

  /// Does what is due; called on every tick.
  func tick(at now: Instant) {
    guard let begunAt = current?.begunAt else { return }
    let view = port.view()
    askOthers(at: now, view)
    if let result = current?.conclude(at: now, isAlone: nodesToAsk(view).isEmpty) {
      note(result, at: now)
    }
    // What was wrong may have been put right: nobody else would say so.
    if now - begunAt >= Self.repeatPeriod, last?.isBad == true { begin() }
  }

  /// Ends all that looks, for this node and for others.
  func end() {
    forget()
    dutyCaller?.stop()
    dutyCaller = nil
    duty = nil
  }

  /// Looks, without decoding it, whether a message is one too many of those about checks.
  func admit(_ bytes: [UInt8]) -> Bool {
    !bytes.starts(with: Self.prefix) || intake.admits(at: services.clock.now())
  }

  /// How both kinds begin: `check` and `checked`.
  private static let prefix = Array("vipd1 check".utf8)

  // MARK: - For this node

  /// Stops, and forgets what was found: it was about this holding.
  private func forget() {
    ownCaller?.stop()
    ownCaller = nil
    current = nil
    last = nil
    takenAt = nil
    wasReached = false
  }

  private func begin() {
    let view = port.view()
    guard view.isHolding, let takenAt, let own = view.instances.followed else { return }
    let now = services.clock.now()
    let nonce = UInt64.random(in: 1...UInt64.max)
    current = SelfCheck(
      nonce: nonce, addresses: section.virtualAddresses.map(\.address), takenAt: takenAt,
      begunAt: now)
    ownCaller?.stop()
    let caller = makeCaller(of: own, settling: .zero) { [weak self] in
      guard let self, current?.nonce == nonce else { return }
      current?.heardLocally($0)
      ownCaller = nil
    }
    ownCaller = caller
    askOthers(at: now, view)
    caller.begin()
  }

  /// The other nodes that a Sentinel lists.
  private func nodesToAsk(_ view: GroupView) -> [Endpoint] {
    let instances = view.instances
    return instances.known.filter { !instances.own.contains($0) && !instances.isNobody($0) }
  }

  /// Asks all who hear this Redis, and some directly: the replicas do not follow it yet.
  private func askOthers(at now: Instant, _ view: GroupView) {
    guard let node = view.instances.followed, let nonce = current?.nonce,
      current?.ask(at: now) == true
    else { return }
    ask(
      AddressCheck(node: node, nonce: nonce), Array(nodesToAsk(view).prefix(Self.maxAsked)))
  }

  /// Takes in what another node says of a check.
  func heard(_ answer: AddressCheckAnswer) {
    let instances = port.view().instances
    guard answer.asker == port.sender, instances.known.contains(answer.node),
      !instances.own.contains(answer.node)
    else { return }
    let now = services.clock.now()
    let isOwn: (MACAddress) -> Bool = { [services] in services.links.isOwn($0) }
    if let result = current?.heard(answer, at: now, isOwn: isOwn) { note(result, at: now) }
  }

  /// Counts a result, and tells it unless it is what was told last.
  private func note(_ found: SelfCheckResult, at now: Instant) {
    var result = found
    // A repeated check says nothing about how long it took the first time.
    if wasReached { result.after = nil }
    let answeredAfter = result.by == nil ? nil : result.after
    if answeredAfter != nil { wasReached = true }
    port.journal.count(result.outcome, answeredAfter: answeredAfter)
    let isNews = result.outcome != last?.outcome
    last = result
    if isNews { port.journal.tell(result, at: now) }
  }

  // MARK: - For others

  /// Another node took the addresses and asks whether they answer this host.
  ///
  /// Only the group's own addresses are called, at the port of a node that a Sentinel lists.
  func heard(_ check: AddressCheck, from asker: UInt64) {
    let now = services.clock.now()
    let instances = port.view().instances
    guard !instances.own.isEmpty, !instances.own.contains(check.node),
      instances.known.contains(check.node)
    else { return }
    if let duty {
      if duty.check == check, duty.asker == asker { return tellAnswer() }
      guard duty.isOver(at: now) else { return }
    }
    let caller = makeCaller(of: check.node, settling: CheckDuty.settling) { [weak self] in
      self?.duty?.end($0)
      self?.dutyCaller = nil
      self?.tellAnswer()
    }
    dutyCaller = caller
    duty = CheckDuty(check, from: asker, at: now)
    caller.begin()
  }

  /// Takes in that somebody answers on the link for an address.
  func heardClaim(of address: IPAddress, by mac: MACAddress) { duty?.heard(address, by: mac) }

  /// Tells the answer, if there is one by now.
  private func tellAnswer() {
    guard let node = port.view().instances.followed,
      let answer = duty?.answerToTell(from: node, at: services.clock.now())
    else { return }
    port.send(.checked(answer), duty?.check.node)
  }

  /// Prepares to call the group's addresses from this host, at the port of a node.
  ///
  /// From outside, each call is accompanied by the question who has the address; who answers is
  /// heard as a claim.
  private func makeCaller(
    of node: Endpoint, settling: Duration, ended: @escaping (AddressCaller.Outcome) -> Void
  ) -> AddressCaller {
    let addresses = section.virtualAddresses
    let clientPort = section.clientPort(of: node)
    let byAddress = Dictionary(addresses.map { ($0.address, $0) }) { first, _ in first }
    let isOutside = settling > .zero
    return AddressCaller(
      AddressCaller.Plan(
        addresses: addresses.map(\.address),
        endpoints: addresses.map { place($0.address, clientPort) }, meaning: node.address,
        settling: settling),
      access: access, loop: services.loop, clock: services.clock,
      willCall: { [services] address in
        guard isOutside else { return true }
        guard let virtual = byAddress[address], !services.addresses.isPresent(virtual) else {
          return false
        }
        _ = services.links.probe(virtual)
        return true
      }, ended: ended)
  }
}
