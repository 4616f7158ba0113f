import Addresses

/// Whether a failover may be ordered for a local master that is known to be dead, and where.
///
/// The preflight of a move, as far as it applies. `SENTINEL FAILOVER` needs no votes, so only one
/// node may order it, the one that was named and held; and what the Sentinel chooses is what it
/// remembers of the replicas, so it must be one whose memory chooses well.
///
/// Pure: it looks at what is known and changes nothing.
struct DeathRules {
  let inquest: Inquest
  let evidence: Evidence
  let address: AddressView
  let virtualAddresses: [VirtualAddress]
  /// The replicas that are about to stop, by their own word.
  let stopping: [Endpoint]
  let now: Instant

  /// What the rules say.
  enum Verdict: Equatable {
    /// Some have not answered yet.
    case wait
    /// It is left to the Sentinels; why.
    case refused(DeathRefusal)
    /// This Sentinel may be told; what people are told of it.
    case possible(DeathNews, through: SentinelID)
  }

  var panel: SentinelPanel { evidence.panel }
  private var inquiry: Inquiry { inquest.inquiry }
  private var since: Instant { inquiry.startedAt }
  private var age: Duration { now - since }

  /// Looks at everything that was answered so far.
  var verdict: Verdict {
    if let refusal = refusalHere ?? refusalOfSentinels { return .refused(refusal) }
    guard isAnswered else {
      return isEarly ? .wait : .refused(lateRefusal)
    }
    return choice
  }

  /// What forbids it whatever the others say.
  private var refusalHere: DeathRefusal? {
    if address.pause != nil { return .found(.paused) }
    guard address.state.isHeldByConfirmations else {
      let named = panel.majorityNamed(at: now)?.endpoint
      return .found(.notHolder(address.stateName, address.basis, named: named))
    }
    if let downAfter = panel.minDownAfter, downAfter < Timing.minDownAfterForOrders {
      return .shortDownAfter(downAfter)
    }
    return nil
  }

  /// How long ago this node became the master, if that is no minute.
  var promotion: Duration? {
    let naming = panel.naming
    guard naming.previous != nil, let since = naming.since, now - since < Timing.deathInterval
    else { return nil }
    return now - since
  }
}

// MARK: - The Sentinels

extension DeathRules {
  /// The Sentinels that answered since the death, and what they said.
  private var answers: [(id: SentinelID, view: SentinelView)] {
    panel.records.compactMap { record in
      guard let view = record.view(within: Timing.viewLifetime, at: now),
        record.provenAt.map({ $0 >= since }) ?? false
      else { return nil }
      return (record.id, view)
    }
  }

  /// What speaks against a failover in what they said: another one, or a word of its beginning.
  private var refusalOfSentinels: DeathRefusal? {
    for (id, view) in answers {
      if !panel.isLocal(view.named) { return .found(.sentinelNames(id, view.named)) }
      let said = inquiry.inspection(of: id, since: since)?.said
      if said?.isInTilt == true { return .found(.sentinelInTilt(id)) }
      // What one that has just promoted this node says of a master is about the one before.
      if view.hasPromoted(panel.localInstances) { continue }
      if view.isFailoverPending { return .found(.failoverInProgress(id)) }
      if !view.flags.isDisjoint(with: .down) { return .found(.masterDown(id)) }
    }
    return panel.openVote(at: now).map { .found(.electionUnseen(epoch: $0.epoch)) }
  }

  /// The Sentinels that said all that was asked.
  private var inspected: [(id: SentinelID, view: SentinelView)] {
    answers.filter { inquiry.inspection(of: $0.id, since: since)?.said != nil }
  }

  /// Whether a majority of the Sentinels answered, and all that are connected, if they had their time;
  /// and every replica that could be chosen.
  private var isAnswered: Bool {
    let count = inspected.count
    guard count >= panel.counts.majority else { return false }
    if age < Timing.deathPatience, count < panel.records.count(where: \.isConnected) {
      return false
    }
    if candidates.allSatisfy(hasEnded) { return true }
    // What a restarted master lacks is lost within seconds: who is silent is not waited for.
    return inquest.restarted != nil && age >= Timing.deathLimit
      && candidates.contains(where: hasEnded)
  }

  /// Who kept it from being decided in time.
  private var lateRefusal: DeathRefusal {
    let silent = panel.records.first { record in
      !inspected.contains { $0.id == record.id }
    }
    if inspected.count < panel.counts.majority, let silent {
      return .found(
        silent.isConnected ? .sentinelUninspected(silent.id) : .sentinelSilent(silent.id))
    }
    guard let late = candidates.first(where: { !hasEnded($0) }) else { return .found(.noTarget) }
    let hasSpoken = inquiry.said(by: late, since: since) != nil
    return hasSpoken ? .stillLinked(late) : .found(.targetUnanswering(late))
  }
}

// MARK: - The replicas

extension DeathRules {
  /// Every replica that a Sentinel in contact could promote.
  private var candidates: [Endpoint] { panel.promotableReplicas(at: now) }

  /// Whether a replica said what it has in the end: what was on its way has arrived, for its link is
  /// down.
  private func hasEnded(_ replica: Endpoint) -> Bool {
    guard let said = inquiry.said(by: replica, since: since) else { return false }
    return said.role == .master || !said.isLinkUp
  }

  /// The Sentinel that will choose one of those that have most, if there is one.
  private var choice: Verdict {
    let candidates = candidates
    guard !candidates.isEmpty else { return .refused(.found(.noTarget)) }
    var offsets: [Endpoint: UInt64] = [:]
    for replica in candidates {
      // A master of before that is back, and not yet demoted, has nothing that would be missed.
      guard let said = inquiry.said(by: replica, since: since),
        case .replica(let master) = said.role,
        isHere(master)
      else { continue }
      offsets[replica] = said.offset
    }
    var refusals: [DeathRefusal] = []
    for (id, view) in inspected.sorted(by: { rank(of: $0.id) < rank(of: $1.id) }) {
      guard let refusal = refusal(of: id, view, offsets) else {
        let (possible, most) = (view.selectable(having: offsets), offsets.values.max())
        return possible.allSatisfy { offsets[$0] == most }
          ? .possible(.ordered(through: id, to: possible), through: id)
          : .possible(.orderedForLess(through: id, to: possible), through: id)
      }
      refusals.append(refusal)
    }
    // What may pass is worth another question.
    return .refused(
      refusals.first(where: \.isPassing) ?? refusals.first ?? .found(.noTarget))
  }

  /// Who is told first, the lower: nobody that has refused, and rather another host's than this one's, which
  /// may be going down.
  private func rank(of id: SentinelID) -> Int {
    (inquest.refusedBy.contains(id) ? 2 : 0) + (panel.isOnThisHost(id) ? 1 : 0)
  }

  /// Why a Sentinel can't be told, although it would choose one of these; nil if it can.
  private func refusal(
    of id: SentinelID, _ view: SentinelView, _ offsets: [Endpoint: UInt64]
  ) -> DeathRefusal? {
    guard !view.isFailoverPending else { return .found(.failoverInProgress(id)) }
    // Whichever it may come to select must do; that it has most is asked of those that it would select now.
    let possible = view.selectable(having: offsets)
    let chosen = view.selectable.map(\.endpoint).sorted()
    if let other = chosen.first(where: { offsets[$0] == nil }) {
      let hasAnswered = inquiry.said(by: other, since: since) != nil
      return .found(hasAnswered ? .targetNotReplica(other) : .targetUnanswering(other))
    }
    if let other = (chosen + possible).first(where: stopping.contains) {
      return .found(.replicaStopping(other))
    }
    if let words = inquiry.inspection(of: id, since: since)?.said?.orderProblem {
      return .found(.orderForbidden(id, words))
    }
    if possible.isEmpty { return .found(.noTarget) }
    if let lacking = possible.first(where: { !isReplicaForAll($0) }) {
      return .notReplicaForAll(lacking)
    }
    if let own = inquest.restarted,
      let poor = chosen.first(where: { loss(of: own, beside: $0) == nil })
    {
      return .stillLinked(poor)
    }
    let most = offsets.values.max() ?? 0
    if chosen.contains(where: { offsets[$0] != most }), !isBetterThanNothing(chosen) {
      return offsets.filter { $0.value == most }.keys.min().map { .notChosen($0) }
    }
    return possible.first { !inquest.peers.contains($0) }.map { .noDaemon($0) }
  }

  /// Whether replicas that lack something are promoted all the same: a master that came back with less than
  /// they have is about to make them lose the rest too.
  ///
  /// They must have most of it: an old master that was emptied before has a little more than nothing as well.
  private func isBetterThanNothing(_ chosen: [Endpoint]) -> Bool {
    guard let loss = inquest.loss, now - inquest.begunAt >= Timing.emptiedPatience else {
      return false
    }
    return chosen.allSatisfy { replica in
      let keys = inquiry.said(by: replica, since: since)?.keys ?? 0
      return keys >= loss.replicaKeys - loss.replicaKeys / 10
    }
  }

  /// Whether a master is this node, be it by a virtual address.
  private func isHere(_ master: Endpoint?) -> Bool {
    guard let master else { return true }
    return panel.isLocal(master) || virtualAddresses.contains { $0.address == master.address }
  }

  /// Whether every Sentinel in contact has a node for a replica; one that has it for a master still
  /// would demote it again (`sentinel.c sentinelRefreshInstanceInfo`).
  ///
  /// Nor does one have it so whose own failover replaced that node with this one and is not over: of a failover
  /// back to it that Sentinel takes the epoch and nothing else, since the address is the one that it has
  /// (`sentinel.c sentinelProcessHelloMessage`); it goes on with its own, and names this node in that same
  /// epoch for good.
  private func isReplicaForAll(_ node: Endpoint) -> Bool {
    answers.allSatisfy { _, view in
      view.replicas.contains { $0.endpoint == node && $0.isReportedReplica }
    }
  }
}

// MARK: - A master that was restarted

extension DeathRules {
  /// What a comparison of a restarted master with its replicas comes to.
  enum Comparison: Equatable {
    /// It still reads its file, or a replica has not answered.
    case wait
    /// It has as much as any of them, as far as they can still be asked.
    case asMuch
    /// It has less than one of them.
    case less(DataLoss)
  }

  /// Compares a restarted master with the replicas that still have what they had.
  ///
  /// Where the master's file says where it ends in the stream that a replica goes on with, that tells. Else
  /// fewer keys alone are no loss, they may have expired; and a restart begins the offset anew where the
  /// file does not keep it (an append-only file): only both together tell.
  var comparison: Comparison {
    guard let own = inquest.restarted else { return .asMuch }
    if own.isLoading { return isEarly ? .wait : .asMuch }
    let losses = candidates.compactMap { loss(of: own, beside: $0) }
    if let worst = losses.max(by: { $0.replicaKeys < $1.replicaKeys }) { return .less(worst) }
    if isEarly, candidates.contains(where: { isAhead($0, of: own) }) { return .wait }
    // Who its replicas are is known by a majority of the Sentinels.
    let isComplete =
      panel.views(at: now).count >= panel.counts.majority && !isAnyUnreached
      && candidates.allSatisfy { inquiry.said(by: $0, since: since) != nil }
    return isComplete || now - inquest.begunAt >= inquest.patience ? .asMuch : .wait
  }

  /// Whether there is a replica that no Sentinel has reached yet, though none marks it down: they have just
  /// come to name this node.
  private var isAnyUnreached: Bool {
    let candidates = candidates
    let views = panel.views(at: now)
    return panel.listedReplicas.contains { replica in
      let flags = views.compactMap { view in
        view.replicas.first { $0.endpoint == replica }?.flags
      }
      return !candidates.contains(replica)
        && flags.contains { $0.contains(.disconnected) && $0.isDisjoint(with: .down) }
    }
  }

  /// What a comparison that found nothing missing is worth: which replicas said what they have since, and
  /// whether all of them go on with the stream in which the master's file ends.
  var comparisonNews: DeathNews {
    let compared = candidates.filter { inquiry.said(by: $0, since: since) != nil }
    let streams = Set(compared.map { inquiry.said(by: $0, since: since)?.stream })
    guard let base = inquest.restarted?.base, streams == [base.stream] else {
      return .compared(with: compared)
    }
    return .complete(beside: compared)
  }

  /// What a master lacks that a replica without a link still has.
  private func loss(of own: LocalIdentity, beside replica: Endpoint) -> DataLoss? {
    guard let said = inquiry.said(by: replica, since: since), case .replica = said.role,
      !said.isLinkUp, let keys = said.keys
    else { return nil }
    var loss = DataLoss(keys: own.keys, replica: replica, replicaKeys: keys)
    if let base = own.base, said.stream == base.stream {
      guard said.offset > base.offset else { return nil }
      loss.missingBytes = said.offset - base.offset
    } else {
      guard said.offset > own.offset, keys > own.keys else { return nil }
    }
    return loss
  }

  /// Whether a replica takes itself for linked and has more than the master had after that: what it is
  /// linked to died with its host, and it has not noticed yet.
  private func isAhead(_ replica: Endpoint, of own: LocalIdentity) -> Bool {
    guard let said = inquiry.said(by: replica, since: since), case .replica = said.role else {
      return false
    }
    return said.isLinkUp && said.offset > own.offset
  }

  /// Whether there is time left: for a restart in all, for a death in this round.
  var isEarly: Bool {
    inquest.restarted == nil ? age < inquest.limit : now - inquest.begunAt < inquest.limit
  }

  /// Whether all may be asked once more.
  ///
  /// Well before the first Sentinel finds a dead master down by itself, so that it hears of the failover
  /// that is ordered before it begins one.
  var mayAskAnew: Bool {
    guard inquest.restarted == nil else { return isEarly }
    let downAfter = panel.minDownAfter ?? .zero
    return now - inquest.begunAt < min(Timing.deathGrace, downAfter - Timing.orderMargin)
  }
}
