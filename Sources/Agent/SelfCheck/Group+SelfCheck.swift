import Addresses
import ChannelMessages
import Configuration
import FailoverCore
import Logging
import NIOCore

// MARK: - Looking whether the addresses that were taken answer

extension Group {
  /// Begins to look when this node has taken the addresses, and stops when it has let go.
  func followSelfCheck(_ transition: Transition, at now: Instant) {
    let holds = transition.basis != .none
    guard holds != (selfChecks.takenAt != nil) else { return }
    stopSelfCheck()
    guard holds else { return }
    selfChecks.takenAt = now
    // Not within the call that takes: nothing of the take waits for this.
    services.loop.assumeIsolated().execute { [weak self] in self?.beginSelfCheck() }
  }

  /// Stops, and forgets what was found: it was about this holding.
  private func stopSelfCheck() {
    selfChecks.localCaller?.stop()
    selfChecks.localCaller = nil
    selfChecks.current = nil
    selfChecks.last = nil
    selfChecks.takenAt = nil
    selfChecks.wasReached = false
  }

  /// Ends all that looks, for this node and for others.
  func endSelfChecks() {
    stopSelfCheck()
    selfChecks.duty?.caller?.stop()
    selfChecks.duty = nil
  }

  private func beginSelfCheck() {
    guard isHolding, let takenAt = selfChecks.takenAt, let own = instances.followed else { return }
    let now = services.clock.now()
    let nonce = UInt64.random(in: 1...UInt64.max)
    selfChecks.current = SelfCheck(
      nonce: nonce, addresses: section.virtualAddresses.map(\.address), takenAt: takenAt,
      begunAt: now)
    selfChecks.localCaller?.stop()
    let caller = makeCaller(port: section.clientPort(of: own), settling: .zero) { [weak self] in
      guard self?.selfChecks.current?.nonce == nonce else { return }
      self?.selfChecks.current?.heardLocally($0)
      self?.selfChecks.localCaller = nil
    }
    selfChecks.localCaller = caller
    askOthers(at: now)
    caller.begin()
  }

  /// Does what is due; called on every tick.
  func tickSelfCheck(at now: Instant) {
    guard let begunAt = selfChecks.current?.begunAt else { return }
    askOthers(at: now)
    if let result = selfChecks.current?.conclude(at: now, isAlone: nodesToAsk.isEmpty) {
      note(result, at: now)
    }
    // What was wrong may have been mended: nobody else would say so.
    let isDue = now - begunAt >= SelfCheckKeeping.repeatPeriod
    if isDue, selfChecks.last?.isBad == true { beginSelfCheck() }
  }

  /// The other nodes that a Sentinel lists.
  private var nodesToAsk: [Endpoint] {
    instances.known.filter { node in
      !instances.own.contains(node) && !instances.isNobody(node)
    }
  }

  /// Asks all who hear this Redis, and some directly: the replicas do not follow it yet.
  private func askOthers(at now: Instant) {
    guard let node = instances.followed, let nonce = selfChecks.current?.nonce,
      selfChecks.current?.isAskDue(at: now) == true
    else { return }
    channel.send(
      .check(AddressCheck(node: node, nonce: nonce)),
      to: Array(nodesToAsk.prefix(SelfCheckKeeping.mostAsked)), local: publishing)
  }

  /// Takes in what another node says of a check.
  func heard(_ answer: AddressCheckAnswer) {
    guard answer.asker == channel.sender, instances.known.contains(answer.node),
      !instances.own.contains(answer.node)
    else { return }
    let now = services.clock.now()
    let isOwn: (MACAddress) -> Bool = { [services] in services.network.isOwn($0) }
    if let result = selfChecks.current?.heard(answer, at: now, isOwn: isOwn) {
      note(result, at: now)
    }
  }

  /// Counts a result, and tells it unless it is what was told last.
  private func note(_ found: SelfCheckResult, at now: Instant) {
    var result = found
    // A repeated check says nothing about how long it took the first time.
    if selfChecks.wasReached { result.after = nil }
    let answeredAfter = result.by == nil ? nil : result.after
    if answeredAfter != nil { selfChecks.wasReached = true }
    journal.count(result.outcome, answeredAfter: answeredAfter)
    let isNews = result.outcome != selfChecks.last?.outcome
    selfChecks.last = result
    if isNews { journal.tell(result, at: now) }
  }
}
