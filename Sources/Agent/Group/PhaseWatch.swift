import FailoverCore
import Store

/// Notes when the steps of a take and of a release were done, for the history.
///
/// It watches the facts and orders of one group as they pass. A step that nobody saw, such as the
/// selection on a cold start, is left out.
struct PhaseWatch: Equatable {
  /// A flip that is older is not what led to a take: somebody promoted the Redis by hand.
  static let flipLifetime = Duration.seconds(60)

  /// A step, and when it was done.
  private struct Step: Equatable {
    var name: String
    var at: Instant
  }

  private var basis = LeaseBasis.none
  private var role: LocalRole?
  private var selectedAt: Instant?
  private var flipAt: Instant?
  private var decidedAt = Instant(nanoseconds: 0)
  /// The steps since the fact in hand began to be handled.
  private var steps: [Step] = []
  /// The steps of a take that no majority has confirmed yet.
  private var unnamed: [Step] = []

  /// Takes in a fact before it is handled.
  mutating func begin(_ event: Event, at now: Instant) {
    decidedAt = now
    steps.removeAll(keepingCapacity: true)
    guard case .localRoleObserved(let observed, _) = event else { return }
    switch (role, observed) {
    case (.replica?, .master): flipAt = now
    case (_, .replica): flipAt = nil
    case (_, .master): break
    }
    role = observed
  }

  /// Takes in that an order was carried out.
  mutating func carriedOut(_ effect: Effect, at now: Instant) {
    switch effect {
    case .installAddresses: note("installed", now)
    case .announce: note("announced", now)
    case .endSessions: note("sessions-ended", now)
    case .handOverSessions: note("sessions-handed-over", now)
    case .removeAddresses: note("removed", now)
    case .publish(.yielded, _): note("told", now)
    case .fence(.set(let setting)) where setting.isClosed: note("fence-ordered", now)
    case .pollSentinels, .readLocalRole, .watchReplicas, .watchFence, .fence, .inspect, .probe,
      .stopAnnouncing, .publish, .keepProof, .rememberSentinels, .keepSentinels, .keepPause,
      .keepFence, .wake,
      .report, .reportFence, .raise, .inspectSentinels, .commandFailover, .readReplication,
      .readIdentity,
      .readPriority, .setPriority, .relieve, .keepPriority, .reportMove, .reportDeath:
      break
    }
  }

  /// The phases of a transition that is reported now; none if nothing was taken or let go.
  mutating func phases(of transition: Transition, at now: Instant) -> [HistoryEntry.Phase] {
    defer { basis = transition.basis }
    if transition.to == .prepared { selectedAt = now }
    switch (basis, transition.basis) {
    case (.none, .none):
      if transition.to != .prepared { selectedAt = nil }
      return []
    case (.none, _): return taken(transition.basis, at: now)
    case (_, .none):
      (selectedAt, unnamed) = (nil, [])
      return steps.isEmpty ? [] : Self.phases([Step(name: "decided", at: decidedAt)] + steps)
    case (.provisional, .sentinels):
      defer { unnamed = [] }
      return Self.phases(unnamed + [Step(name: "named", at: now)])
    default: return []
    }
  }

  /// How long a take took from the flip to the first announcement; nil if no flip was seen.
  static func takeover(_ phases: [HistoryEntry.Phase]) -> Duration? {
    guard let flip = phases.first(where: { $0.name == "flip" }),
      let end = phases.last, end.name == "announced"
    else { return nil }
    return .microseconds(end.microseconds - flip.microseconds)
  }

  private mutating func taken(_ basis: LeaseBasis, at now: Instant) -> [HistoryEntry.Phase] {
    var all: [Step] = []
    if let selectedAt { all.append(Step(name: "selected", at: selectedAt)) }
    if let flipAt, now - flipAt <= Self.flipLifetime {
      all.append(Step(name: "flip", at: flipAt))
    }
    if flipAt != decidedAt { all.append(Step(name: "decided", at: decidedAt)) }
    all += steps
    (selectedAt, flipAt) = (nil, nil)
    unnamed = basis == .provisional ? all : []
    return Self.phases(all)
  }

  /// Notes the first time that a step was done.
  private mutating func note(_ name: String, _ now: Instant) {
    guard steps.count < HistoryEntry.maxParts, !steps.contains(where: { $0.name == name }) else {
      return
    }
    steps.append(Step(name: name, at: now))
  }

  private static func phases(_ steps: [Step]) -> [HistoryEntry.Phase] {
    guard let first = steps.first else { return [] }
    return steps.map { step in
      HistoryEntry.Phase(
        name: step.name, microseconds: (step.at - first.at).wholeNanoseconds / 1_000)
    }
  }
}
