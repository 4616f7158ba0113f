import Addresses
import ChannelMessages
import FailoverCore
import RESP

/// What is known of the Sentinels, and the operator's word on those that are gone.
extension ControlCommands {
  /// `SENTINELS [master]`, or `SENTINELS FORGET run-id|address|unknown [master [FORCE]]`.
  func sentinels(_ arguments: [String], _ session: ControlSession) {
    guard arguments.first?.uppercased() == "FORGET" else {
      return onGroups(arguments, session) { groups in
        session.reply { $0.bulkString(sentinelsReport(groups)) }
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
    _ name: String, in groups: [Group], isForced: Bool, _ session: ControlSession
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

  private func sentinelsReport(_ groups: [Group]) -> String {
    var writer = JSONWriter()
    writer.object { writer in
      writer.member("schema", 1)
      writer.key("groups")
      writer.array(groups) { writer, group in
        writer.object { group.writeSentinels(to: &$0) }
      }
    }
    return writer.text
  }
}

/// Why a Sentinel is not forgotten.
struct ForgetRefusal: Error, Equatable {
  let text: String
}

extension Group {
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
    let counts = status.counts
    let reached = counts.known.count { $0.sentinel.fate == .counted && $0.isInContact }
    return ForgetRefusal(
      text:
        "this host reaches \(reached) of \(status.sentinelCount) Sentinels, so it may itself be cut "
        + "off: ask on a host that reaches \(counts.majority). If they are gone for good, --force; if one "
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

  /// Writes what is known of the Sentinels.
  func writeSentinels(to writer: inout JSONWriter) {
    let status = status
    let now = services.clock.now()
    writer.member("master", masterName)
    writer.member("sentinels", status.sentinelCount)
    writer.member("majority", status.counts.majority)
    writer.member("quorum", status.counts.quorum)
    writer.member("confirmationsNeeded", status.counts.confirmations)
    writer.member("toleratedSentinelLosses", status.toleratedSentinelLosses)
    writer.key("lines")
    writer.array(services.sentinelDirectory()?.lines(of: masterName) ?? []) { writer, line in
      writer.object { writer in
        writer.member("text", line.text)
        writer.key("addresses")
        writer.array(line.endpoints) { $0.string($1.description) }
      }
    }
    writer.key("members")
    writer.array(status.sentinels) { writer, sentinel in
      writer.object { write(sentinel, to: &$0, at: now) }
    }
    writer.key("known")
    writer.array(status.counts.known) { writer, known in
      writer.object { Self.write(known, to: &$0) }
    }
  }

  private func write(
    _ sentinel: GroupStatus.SentinelStatus, to writer: inout JSONWriter, at now: Instant
  ) {
    let directory = services.sentinelDirectory()
    let link = directory?.links.first { $0.id == sentinel.id }
    let words = directory?.words(of: sentinel.id, about: masterName) ?? .init()
    let view = sentinel.isConnected ? sentinel.view : nil
    writer.member("address", sentinel.id.description)
    writer.member("runId", sentinel.runID)
    writer.member("version", link?.facts.version)
    writer.member("connected", sentinel.isConnected)
    writer.member("counts", !sentinel.isLeftOut)
    writer.member("loss", sentinel.isConnected ? nil : link?.lastLoss?.text)
    writer.member("names", view?.named.description)
    writer.member("configEpoch", view?.configEpoch)
    writer.member("quorum", view?.quorum)
    writer.member("downAfterMs", view?.downAfter?.wholeMilliseconds)
    writer.member("failoverTimeoutMs", view?.failoverTimeout?.wholeMilliseconds)
    if let isTilted = link?.facts.isTilted { writer.member("tilt", isTilted) }
    writer.member("clockOffsetMs", link?.facts.clockOffset?.wholeMilliseconds)
    writer.member("clockSetBackMs", sentinel.clockSetBack?.wholeMilliseconds)
    writer.member("confirmsForMs", sentinel.confirmsUntil.map { $0.millisecondsLeft(at: now) })
    writer.member("monitors", !sentinel.lacksMaster)
    writer.member("unusable", words.refusal)
    writer.key("leftOut")
    writer.array(words.leftOut) { $0.string($1) }
    writer.key("lists")
    writer.array(sentinel.isConnected ? sentinel.list ?? [] : []) { writer, entry in
      writer.object { writer in
        writer.member("runId", entry.runID)
        writer.member("address", entry.endpoint?.description)
        writer.member("helloMsAgo", entry.helloAge?.wholeMilliseconds)
      }
    }
  }

  private static func write(_ known: GroupStatus.KnownStatus, to writer: inout JSONWriter) {
    writer.member("runId", known.sentinel.runID)
    writer.member("address", known.sentinel.endpoint?.description)
    writer.member("fate", known.sentinel.fate.rawValue)
    writer.member("inContact", known.isInContact)
    writer.member("missing", known.sentinel.fate == .counted && known.isPhantom)
    writer.member("helloMsAgo", known.helloAge?.wholeMilliseconds)
    writer.key("listedBy")
    writer.array(known.listedBy) { $0.string($1.description) }
  }
}
