import Addresses
import ChannelMessages
import ControlProtocol
import FailoverCore
import Platform
import RESP
import Wording

/// What is known of the Sentinels, and the operator's word on those that are gone.
extension ControlCommands {
  /// `SENTINELS [master]`, or `SENTINELS FORGET run-id|address|unknown [master [FORCE]]`.
  func sentinels(_ arguments: [String], _ session: ControlSession) {
    guard arguments.first?.uppercased() == "FORGET" else {
      return onGroups(arguments, session) { groups in
        let document = SentinelsDocument {
          $0.groups = groups.map { $0.sentinelsDocument(at: daemon.clock.now()) }
        }
        session.reply { $0.bulkString(document.json) }
      }
    }
    guard arguments.count >= 2 else {
      return session.reply {
        $0.error("ERR SENTINELS FORGET needs a run id, an address or unknown")
      }
    }
    let isForced = arguments.count == 4 && arguments[3].uppercased() == "FORCE"
    guard isForced || arguments.count <= 3 else {
      return session.reply {
        $0.error("ERR after SENTINELS FORGET, its name and a master only FORCE is known")
      }
    }
    onGroups(Array(arguments.dropFirst(2).prefix(1)), session) { groups in
      forget(arguments[1], in: groups, isForced: isForced, session)
    }
  }

  private func forget(
    _ name: String, in groups: [any ControlledGroup], isForced: Bool, _ session: ControlSession
  ) {
    var forgotten: [String] = []
    var refusals: [String] = []
    for group in groups {
      switch group.forgettable(name, isForced: isForced) {
      case .success(let runID):
        group.forgetSentinel(runID)
        forgotten.append(group.countsNow(without: runID))
      case .failure(let refusal): refusals.append("\(group.masterName): \(refusal.text)")
      }
    }
    // With several groups it need not be known in all.
    guard !forgotten.isEmpty else {
      return session.reply { $0.error("ERR \(refusals.joined(separator: "; "))") }
    }
    session.reply { $0.bulkString(forgotten.joined(separator: "\n")) }
  }
}

/// Why a Sentinel is not forgotten.
struct ForgetRefusal: Error, Equatable {
  let text: String
}

extension ControlledGroup {
  /// The run id of a Sentinel that may be forgotten, by the beginning of its run id, or its address.
  ///
  /// A host that reaches no majority can't tell who is gone: cut off itself, it would make what it
  /// still reaches a majority of itself, and hold the address beside the elected master. Unless it
  /// is forced it forgets only those that are surely gone.
  func forgettable(_ name: String, isForced: Bool) -> Result<String, ForgetRefusal> {
    let status = status
    if name.lowercased() == "unknown" {
      let counted = status.counts.known.count { $0.sentinel.fate == .counted }
      guard status.sentinelCount > max(counted, status.counts.configured) else {
        return .failure(ForgetRefusal(text: "every Sentinel that counts is known"))
      }
      return isForced || status.reachesMajority ? .success("") : .failure(cutOffRefusal)
    }
    let address = Endpoint(name)
    let found = status.counts.known.filter { known in
      known.sentinel.endpoint == address && address != nil
        || name.utf8.count >= 8
          && known.sentinel.runID.lowercased().hasPrefix(name.lowercased())
    }
    // At one address there may be one that is gone and the one that came after it.
    let gone = found.filter { !$0.isInContact && $0.sentinel.fate != .forgotten }
    guard let known = gone.first, gone.count == 1 else {
      return .failure(ForgetRefusal(text: refusal(name, found, gone)))
    }
    guard known.mayBeForgotten else {
      let age = known.helloAge.map(\.shortText) ?? "a moment"
      return .failure(
        ForgetRefusal(
          text:
            "Sentinel \(known.sentinel.place) said hello \(age) ago, so it may live: stop it first, or wait until 10 s have passed"
        ))
    }
    guard isForced || status.reachesMajority || status.isSurelyGone(known.sentinel) else {
      return .failure(cutOffRefusal)
    }
    return .success(known.sentinel.runID)
  }

  private var cutOffRefusal: ForgetRefusal {
    let status = status
    return ForgetRefusal(
      text:
        "this host reaches \(status.sentinelsInContact) of \(status.sentinelCount) Sentinels, so it may itself be cut "
        + "off: ask on a host that reaches \(status.counts.majority). If they are gone for good, --force; if one "
        + "of them lives, two hosts may then hold the address")
  }

  /// What is left after a Sentinel was forgotten, and what is still to be done.
  fileprivate func countsNow(without runID: String) -> String {
    let status = status
    let count = status.sentinelCount
    var text =
      "\(masterName): \(count) Sentinel\(count == 1 ? "" : "s") count\(count == 1 ? "s" : "") now"
    if count == status.counts.configured { text += " (as many as the configuration names)" }
    if status.counts.known.contains(where: { $0.sentinel.runID == runID && !$0.listedBy.isEmpty }) {
      text += "; Sentinel itself counts it until SENTINEL RESET \(masterName) on each"
    }
    return text
  }

  private func refusal(
    _ name: String, _ found: [GroupStatus.KnownStatus], _ gone: [GroupStatus.KnownStatus]
  ) -> String {
    if gone.count > 1 { return "'\(name)' may be \(gone.count) Sentinels; give the run id" }
    if found.contains(where: \.isInContact) {
      return "Sentinel \(name) is in contact; stop it first"
    }
    if found.contains(where: { $0.sentinel.fate == .forgotten }) {
      return "Sentinel \(name) is forgotten already"
    }
    return "no Sentinel '\(name)' is known; give its address, or 8 characters of its run id"
  }

  /// What is known of the Sentinels.
  fileprivate func sentinelsDocument(at now: Instant) -> SentinelsDocument.Group {
    let status = status
    var group = SentinelsDocument.Group()
    group.master = masterName
    group.sentinels = status.sentinelCount
    group.majority = status.counts.majority
    group.quorum = status.counts.quorum
    group.confirmationsNeeded = status.counts.confirmations
    group.toleratedSentinelLosses = status.toleratedSentinelLosses
    group.lines = configuredSentinels.map { line in
      SentinelsDocument.Line {
        ($0.text, $0.addresses) = (line.text, line.endpoints.map(\.description))
      }
    }
    group.members = status.sentinels.map { member($0, at: now) }
    group.known = status.counts.known.map(Self.known)
    return group
  }

  private func member(
    _ sentinel: GroupStatus.SentinelStatus, at now: Instant
  ) -> SentinelsDocument.Member {
    let contact = contact(of: sentinel.id)
    let view = sentinel.isConnected ? sentinel.view : nil
    var member = SentinelsDocument.Member()
    member.address = sentinel.id.description
    member.runId = sentinel.runID
    member.version = contact.version
    member.connected = sentinel.isConnected
    member.counts = !sentinel.isLeftOut
    member.loss = sentinel.isConnected ? nil : contact.loss
    member.names = view?.named.description
    member.configEpoch = view?.configEpoch
    member.quorum = view?.quorum
    member.downAfterMs = view?.downAfter?.wholeMilliseconds
    member.failoverTimeoutMs = view?.failoverTimeout?.wholeMilliseconds
    member.tilt = contact.isTilted
    member.clockOffsetMs = contact.clockOffset?.wholeMilliseconds
    member.clockSetBackMs = sentinel.clockSetBack?.wholeMilliseconds
    member.confirmsForMs = sentinel.confirmsUntil.map { $0.millisecondsLeft(at: now) }
    member.monitors = !sentinel.lacksMaster
    member.unusable = contact.refusal
    member.leftOut = contact.leftOut
    member.lists = (sentinel.isConnected ? sentinel.list ?? [] : []).map { entry in
      SentinelsDocument.Entry {
        ($0.runId, $0.address) = (entry.runID, entry.endpoint?.description)
        $0.helloMsAgo = entry.helloAge?.wholeMilliseconds
      }
    }
    return member
  }

  private static func known(_ status: GroupStatus.KnownStatus) -> SentinelsDocument.Known {
    var known = SentinelsDocument.Known()
    known.runId = status.sentinel.runID
    known.address = status.sentinel.endpoint?.description
    known.fate = status.sentinel.fate.rawValue
    known.inContact = status.isInContact
    known.missing = status.sentinel.fate == .counted && status.isPhantom
    known.helloMsAgo = status.helloAge?.wholeMilliseconds
    known.listedBy = status.listedBy.map(\.description)
    return known
  }
}
