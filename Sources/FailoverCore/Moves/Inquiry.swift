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

  /// What a Sentinel said of itself.
  struct Inspection: Equatable, Sendable {
    var sentinel: SentinelID
    var said: SentinelInspection?
    var askedAt: Instant
  }

  /// What a replica said of itself.
  struct Node: Equatable, Sendable {
    var endpoint: Endpoint
    var said: NodeObservation?
    var askedAt: Instant
  }

  /// Records what a Sentinel said of itself.
  mutating func record(_ inspection: Inspection) {
    if let known = inspections.firstIndex(where: { $0.sentinel == inspection.sentinel }) {
      guard inspections[known].askedAt <= inspection.askedAt else { return }
      inspections[known] = inspection
    } else if inspections.count < Timing.maxSentinels {
      inspections.append(inspection)
    }
  }

  /// Records what a replica said of itself.
  mutating func record(_ node: Node) {
    if let known = nodes.firstIndex(where: { $0.endpoint == node.endpoint }) {
      guard nodes[known].askedAt <= node.askedAt else { return }
      nodes[known] = node
    } else if nodes.count < LocalReplication.maxReplicas {
      nodes.append(node)
    }
  }

  /// The last answer of a Sentinel for itself, if it was asked since an instant.
  func inspection(of sentinel: SentinelID, since start: Instant) -> Inspection? {
    inspections.first { $0.sentinel == sentinel && $0.askedAt >= start }
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
