import Addresses
import ControlProtocol
import FailoverCore
import Platform
import Wording

/// Makes the answer to `STATUS`.
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
    var sessions = StatusDocument.Sessions()
    /// Whether the addresses answer; nothing if nobody has looked.
    var selfCheck: SelfCheckResult?
    /// What an operator should look at now.
    var problems: [GroupProblem] = []
    /// Why Sentinels are out of contact, in their own words or the system's.
    var sentinelLosses: [SentinelID: String] = [:]
    /// The interface that an address belongs to; nothing to show what the configuration says.
    var interfaceName: (VirtualAddress) -> String? = { _ in nil }
  }

  /// The answer.
  func json(_ entries: [Entry]) -> String {
    let now = clock.now()
    return StatusDocument { document in
      (document.version, document.node) = (Version.text, node)
      document.problems = problems
      document.groups = entries.map { group($0, at: now) }
    }.json
  }

  private func group(_ entry: Entry, at now: Instant) -> StatusDocument.Group {
    let status = entry.status
    var group = StatusDocument.Group()
    group.master = status.masterName
    group.state = status.state.rawValue
    group.reason = status.reason.sentence
    group.reasonLabel = status.reason.label
    group.vips = status.addresses.map { address, isPresent in
      StatusDocument.Address {
        $0.address = address.address.description
        $0.interface = entry.interfaceName(address) ?? address.interface
        $0.present = isPresent
      }
    }
    group.local.address = status.localInstance?.description
    group.local.role = status.localRole?.word
    group.named = status.named.map { named in
      StatusDocument.Naming {
        ($0.address, $0.configEpoch) = (named.endpoint.description, named.configEpoch)
        ($0.by, $0.of) = (named.by, named.of)
      }
    }
    group.move = status.move.map { move in
      StatusDocument.Move {
        ($0.from, $0.target) = (move.from?.description, move.target?.description)
        ($0.phase, $0.undoing) = (move.phase?.rawValue, move.failure?.sentence)
      }
    }
    group.death = status.death?.sentence
    group.onDeath = status.deathPolicy.rawValue
    group.since = clock.text(of: status.since)
    group.pausedUntil = status.pause.map { $0.until.map(clock.text) ?? "resumed" }
    group.holder = entry.holder?.description
    group.obstacles = status.obstacles.map { $0.sentence(at: now) }
    group.sessions = entry.sessions
    group.selfCheck = entry.selfCheck?.document
    group.problems = entry.problems.map { problem in
      StatusDocument.Problem { ($0.id, $0.text) = (problem.label, problem.sentence) }
    }
    group.sentinels = status.sentinels.map { sentinel in
      Self.sentinel(sentinel, loss: entry.sentinelLosses[sentinel.id], at: now)
    }
    addRights(entry, to: &group, at: now)
    return group
  }

  private func addRights(
    _ entry: Entry, to group: inout StatusDocument.Group, at now: Instant
  ) {
    let status = entry.status
    group.lease.basis = status.basis.rawValue
    group.lease.remainingMs = status.leaseEnds.map { $0.millisecondsLeft(at: now) }
    group.fence = StatusDocument.Fence { fence in
      fence.state = status.fence.state.rawValue
      fence.minReplicas = status.fence.setting?.minReplicas
      fence.maxLag = status.fence.setting?.maxLagSeconds
      fence.problem = status.fence.problem?.sentence
      fence.doubt = entry.fenceDoubt
      let missing = status.fence.missing.map(\.description)
      fence.missing = missing.isEmpty ? nil : missing
    }
    group.guarantee = status.guarantee.rawValue
    group.guaranteeLosses = status.guaranteeLosses.map(\.sentence)
    group.toleratedSentinelLosses = status.toleratedSentinelLosses
    group.kernelRemainingMs = status.kernelEnds.map { $0.millisecondsLeft(at: now) }
    group.blindPolicy = status.blindPolicy.rawValue
  }

  private static func sentinel(
    _ status: GroupStatus.SentinelStatus, loss: String?, at now: Instant
  ) -> StatusDocument.Sentinel {
    var sentinel = StatusDocument.Sentinel()
    sentinel.address = status.id.description
    sentinel.connected = status.isConnected
    sentinel.counts = !status.isLeftOut
    sentinel.loss = status.loss?.rawValue
    sentinel.names = status.named?.description
    sentinel.configEpoch = status.configEpoch
    sentinel.provenMsAgo = status.provenAt.map { (now - $0).wholeMilliseconds }
    sentinel.confirmsForMs = status.confirmsUntil.map { $0.millisecondsLeft(at: now) }
    sentinel.flags = status.flags?.words
    sentinel.lossText = status.isConnected ? nil : loss
    return sentinel
  }
}

extension SelfCheckResult {
  fileprivate var document: StatusDocument.SelfCheck {
    StatusDocument.SelfCheck {
      ($0.result, $0.text) = (outcome.rawValue, sentence)
      $0.afterMs = after?.wholeMilliseconds
      ($0.by, $0.mac) = (by?.description, macAddress?.description)
    }
  }
}

extension Instant {
  /// How long it is until this instant, 0 if it has passed.
  func millisecondsLeft(at now: Instant) -> Int64 {
    max(0, (self - now).wholeMilliseconds)
  }
}
