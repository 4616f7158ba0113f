import Addresses

/// What Sentinels and replicas answered for themselves, since somebody began to ask.
struct Inquiry: Equatable, Sendable {
  /// When it was begun: answers to older questions are void.
  let startedAt: Instant
  /// What each Sentinel said of itself.
  private var inspections: [Inspection] = []
  /// What the replicas said of themselves.
  private var nodes: [Node] = []

  init(at now: Instant) { startedAt = now }

  /// What somebody said of itself; nothing if it gave no answer.
  struct Answer<Said: Equatable & Sendable>: Equatable, Sendable {
    var endpoint: Endpoint
    var said: Said?
    var askedAt: Instant
  }

  /// The answer of a Sentinel.
  typealias Inspection = Answer<SentinelInspection>
  /// The answer of a replica.
  typealias Node = Answer<NodeObservation>

  /// Records what a Sentinel said of itself.
  mutating func record(_ inspection: Inspection) {
    Self.record(inspection, in: &inspections, limit: Timing.maxSentinels)
  }

  /// Records what a replica said of itself.
  mutating func record(_ node: Node) {
    Self.record(node, in: &nodes, limit: LocalReplication.maxReplicas)
  }

  /// Keeps the answer to the last question to each, of so many at most.
  private static func record<Said>(
    _ answer: Answer<Said>, in answers: inout [Answer<Said>], limit: Int
  ) {
    if let known = answers.firstIndex(where: { $0.endpoint == answer.endpoint }) {
      guard answers[known].askedAt <= answer.askedAt else { return }
      answers[known] = answer
    } else if answers.count < limit {
      answers.append(answer)
    }
  }

  /// The last answer of a Sentinel for itself, if it was asked since an instant.
  func inspection(of sentinel: SentinelID, since start: Instant) -> Inspection? {
    inspections.first { $0.endpoint == sentinel && $0.askedAt >= start }
  }

  /// The last answer of a node for itself, if it was asked since an instant; also that it gave none.
  func answer(of endpoint: Endpoint, since start: Instant) -> Node? {
    nodes.first { $0.endpoint == endpoint && $0.askedAt >= start }
  }

  /// What a node said of itself, asked since an instant.
  func said(by endpoint: Endpoint, since start: Instant) -> NodeObservation? {
    answer(of: endpoint, since: start)?.said
  }
}
