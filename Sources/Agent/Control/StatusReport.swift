import Addresses
import FailoverCore

/// The JSON of `status` (schema 1).
struct StatusReport {
  let clock: HostClock
  let node: String
  /// What is wrong with the daemon itself, as sentences.
  let problems: [String]

  /// One group, with what the machine does not know.
  struct Entry {
    let status: GroupStatus
    let holder: Endpoint?
    /// Why the fence may close too late.
    let fenceDoubt: String?
    var sessions = SessionFigures()
    /// Whether the addresses answer; nothing if nobody has looked.
    var selfCheck: SelfCheckResult?
    /// What an operator should look at now.
    var problems: [GroupProblem] = []
    /// Why Sentinels are out of contact, in their own words or the system's.
    var sentinelLosses: [SentinelID: String] = [:]
    /// The interface that an address belongs to; nothing to show what the configuration says.
    var interfaceName: (VirtualAddress) -> String? = { _ in nil }
  }

  /// Writes the report.
  func json(_ entries: [Entry]) -> String {
    let now = clock.now()
    var writer = JSONWriter()
    writer.object { writer in
      writer.member("schema", 1)
      writer.member("version", Version.text)
      writer.member("node", node)
      writer.key("problems")
      writer.array(problems) { $0.string($1) }
      writer.key("groups")
      writer.array(entries) { writer, entry in
        writer.object { write(entry, to: &$0, at: now) }
      }
    }
    return writer.text
  }

  private func write(_ entry: Entry, to writer: inout JSONWriter, at now: Instant) {
    let status = entry.status
    writer.member("master", status.masterName)
    writer.member("state", status.state.rawValue)
    writer.member("reason", status.reason.sentence)
    writer.member("reasonLabel", status.reason.label)
    writer.key("vips")
    writer.array(status.addresses) { writer, item in
      writer.object { writer in
        writer.member("address", item.virtualAddress.address.description)
        writer.member(
          "interface", entry.interfaceName(item.virtualAddress) ?? item.virtualAddress.interface)
        writer.member("present", item.isPresent)
      }
    }
    writeMasters(status, to: &writer)
    writeRights(entry, to: &writer, at: now)
    writer.key("sessions")
    writer.object { write(entry.sessions, to: &$0) }
    writer.member("selfCheck", entry.selfCheck) { writer, result in
      writer.member("result", result.outcome.rawValue)
      writer.member("afterMs", result.after?.wholeMilliseconds)
      writer.member("by", result.by?.description)
      writer.member("mac", result.macAddress?.description)
      writer.member("text", result.sentence)
    }
    writer.key("problems")
    writer.array(entry.problems) { writer, problem in
      writer.object { writer in
        writer.member("id", problem.label)
        writer.member("text", problem.sentence)
      }
    }
    writer.key("sentinels")
    writer.array(status.sentinels) { writer, sentinel in
      writer.object { writer in
        write(sentinel, to: &writer, at: now)
        let text = sentinel.isConnected ? nil : entry.sentinelLosses[sentinel.id]
        writer.member("lossText", text)
      }
    }
  }

  private func writeMasters(_ status: GroupStatus, to writer: inout JSONWriter) {
    writer.key("local")
    writer.object { writer in
      writer.member("address", status.localInstance?.description)
      writer.member("role", status.localRole?.word)
    }
    writer.member("named", status.named) { writer, named in
      writer.member("address", named.endpoint.description)
      writer.member("configEpoch", named.configEpoch)
      writer.member("by", named.by)
      writer.member("of", named.of)
    }
  }

  private func write(_ sessions: SessionFigures, to writer: inout JSONWriter) {
    writer.member("known", sessions.known)
    writer.member("excess", sessions.excess)
    writer.member("told", sessions.toldMessages)
    writer.member("taken", sessions.takenMessages)
    writer.member("dropped", sessions.droppedMessages)
    writer.member("tickled", sessions.tickledClients)
    writer.member("tickles", sessions.tickles)
    writer.member("failed", sessions.failedTickles)
  }

  private func writeRights(
    _ entry: Entry, to writer: inout JSONWriter, at now: Instant
  ) {
    let status = entry.status
    writer.key("lease")
    writer.object { writer in
      writer.member("basis", status.basis.rawValue)
      writer.member("remainingMs", status.leaseEnds.map { $0.millisecondsLeft(at: now) })
    }
    writer.key("fence")
    writer.object { write(status.fence, doubt: entry.fenceDoubt, to: &$0) }
    writer.member("move", status.move) { writer, move in
      writer.member("from", move.from?.description)
      writer.member("target", move.target?.description)
      writer.member("phase", move.phase?.rawValue)
      writer.member("undoing", move.failure?.sentence)
    }
    writer.member("guarantee", status.guarantee.rawValue)
    writer.key("guaranteeLosses")
    writer.array(status.guaranteeLosses) { $0.string($1.sentence) }
    writer.member("toleratedSentinelLosses", status.toleratedSentinelLosses)
    writer.member("since", clock.text(of: status.since))
    writer.member("pausedUntil", status.pause.map { $0.until.map(clock.text) ?? "resumed" })
    writer.member("kernelRemainingMs", status.kernelEnds.map { $0.millisecondsLeft(at: now) })
    writer.member("blindPolicy", status.blindPolicy.rawValue)
    writer.member("holder", entry.holder?.description)
    writer.key("obstacles")
    writer.array(status.obstacles) { $0.string($1.sentence(at: now)) }
  }

  private func write(_ fence: FenceStatus, doubt: String?, to writer: inout JSONWriter) {
    writer.member("state", fence.state.rawValue)
    writer.member("minReplicas", fence.setting?.minReplicas)
    writer.member("maxLag", fence.setting?.maxLagSeconds)
    if let problem = fence.problem { writer.member("problem", problem.sentence) }
    if let doubt { writer.member("doubt", doubt) }
    guard !fence.missing.isEmpty else { return }
    writer.key("missing")
    writer.array(fence.missing) { $0.string($1.description) }
  }

  private func write(
    _ sentinel: GroupStatus.SentinelStatus, to writer: inout JSONWriter, at now: Instant
  ) {
    writer.member("address", sentinel.id.description)
    writer.member("connected", sentinel.isConnected)
    writer.member("counts", !sentinel.isLeftOut)
    writer.member("loss", sentinel.loss?.rawValue)
    writer.member("names", sentinel.named?.description)
    writer.member("configEpoch", sentinel.configEpoch)
    writer.member("provenMsAgo", sentinel.provenAt.map { (now - $0).wholeMilliseconds })
    writer.member("confirmsForMs", sentinel.confirmsUntil.map { $0.millisecondsLeft(at: now) })
    writer.member("flags", sentinel.flags?.words)
  }
}

extension Instant {
  /// How long it is until this instant, 0 if it has passed.
  func millisecondsLeft(at now: Instant) -> Int64 {
    max(0, (self - now).wholeMilliseconds)
  }
}

extension LocalRole {
  /// `master` or `replica`.
  var word: String {
    switch self {
    case .master: "master"
    case .replica: "replica"
    }
  }
}

extension InstanceFlags {
  /// The flags as Sentinel writes them.
  var words: String {
    InstanceFlags.names.filter { contains($0.flag) }.map(\.word.description).joined(separator: ",")
  }
}
