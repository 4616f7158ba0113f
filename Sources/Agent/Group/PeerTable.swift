import Addresses
import ChannelMessages
import FailoverCore

/// What the other daemons of the group said of themselves.
struct PeerTable {
  /// How long a peer's word counts; it speaks each second.
  static let keepFor = Duration.seconds(5)

  /// A daemon, by the number that it drew, and the Redis that it runs beside.
  typealias Peer = (sender: UInt64, node: Endpoint)

  /// How long another daemon speaks for a node before that is told: a daemon that was restarted may
  /// still hear the last word of the one before.
  static let secondAfter = Duration.seconds(2)

  /// How long a node that let others look whether its addresses answer is shown as their holder: its
  /// state lines may wait behind a full resynchronization, which Redis delays by 5 s
  /// (`repl-diskless-sync-delay`).
  static let showTakerFor = Duration.seconds(12)

  private var taker: (node: Endpoint, at: Instant)?

  /// What each sender said last, when, and since when it has spoken for that node.
  private var states: [UInt64: (state: NodeState, at: Instant, since: Instant)] = [:]

  /// Takes in what a daemon says of itself.
  ///
  /// - Returns: whether it was not heard before: it was just started, and has heard nobody yet.
  @discardableResult
  mutating func learn(_ state: NodeState, from sender: UInt64, at now: Instant) -> Bool {
    if states.count >= ReplayFilter.maxSenders { states.removeAll() }
    let last = states[sender]
    let goesOn = last?.state.node == state.node && last.map { now - $0.at < Self.keepFor } == true
    states[sender] = (state, now, goesOn ? last?.since ?? now : now)
    return last == nil
  }

  /// The daemon beside the node that holds the addresses, by its own word.
  func holdingPeer(at now: Instant) -> Peer? { peer(at: now) { $0.isHolding } }

  /// The daemon beside a node.
  func peer(beside node: Endpoint, at now: Instant) -> Peer? { peer(at: now) { $0.node == node } }

  /// The nodes whose daemons said lately that an address could be served there.
  func servingNodes(at now: Instant) -> Set<Endpoint> {
    Set(
      states.values.filter {
        now - $0.at < Self.keepFor && $0.state.areLinksUp == true && !$0.state.isPaused
      }.compactMap(\.state.node))
  }

  /// What the other daemons said lately that their configuration says, by node, the newest of each.
  func rules(at now: Instant) -> [(node: Endpoint, rules: String)] {
    var newest: [Endpoint: (rules: String, at: Instant)] = [:]
    for (state, at, _) in states.values where now - at < Self.keepFor {
      guard let node = state.node, let rules = state.rules else { continue }
      if newest[node].map({ $0.at < at }) ?? true { newest[node] = (rules, at) }
    }
    return newest.map { ($0.key, $0.value.rules) }.sorted { $0.node < $1.node }
  }

  /// The nodes whose daemons spoke lately, in order, with the version of each by its newest word.
  func told(at now: Instant) -> [(node: Endpoint, version: String)] {
    var newest: [Endpoint: (version: String, at: Instant)] = [:]
    for (state, at, _) in states.values where now - at < Self.keepFor {
      guard let node = state.node else { continue }
      if newest[node].map({ $0.at < at }) ?? true { newest[node] = (state.version, at) }
    }
    return newest.map { ($0.key, $0.value.version) }.sorted { $0.node < $1.node }
  }

  /// Whether a daemon besides this one speaks for a node, and goes on doing so.
  func hasSecondDaemon(of node: Endpoint, at now: Instant) -> Bool {
    states.values.contains {
      $0.state.node == node && now - $0.at < Self.keepFor && $0.at - $0.since >= Self.secondAfter
    }
  }

  /// Whether a daemon said lately that it is this node's and holds the addresses.
  func isHolder(_ node: Endpoint, by sender: UInt64, at now: Instant) -> Bool {
    guard let entry = states[sender], now - entry.at < Self.keepFor else { return false }
    return entry.state.isHolding && entry.state.node == node
  }

  /// The node that says it holds the addresses; nil if none, or none lately.
  func holder(at now: Instant) -> Endpoint? {
    states.values.filter { $0.state.isHolding && now - $0.at < Self.keepFor }
      .compactMap(\.state.node).min()
  }

  /// Takes in that a node has taken the addresses, and lets others look whether they answer.
  mutating func heardTake(by node: Endpoint, at now: Instant) { taker = (node, now) }

  /// The node that holds the addresses, as people are shown: by its own newest word, or since it took
  /// them a moment ago.
  func shownHolder(at now: Instant) -> Endpoint? {
    guard let taker, now - taker.at < Self.showTakerFor else { return holder(at: now) }
    let newer = states.values.filter { $0.at > taker.at && now - $0.at < Self.keepFor }
    if newer.contains(where: { $0.state.node == taker.node && !$0.state.isHolding }) {
      return holder(at: now)
    }
    return newer.first { $0.state.isHolding }?.state.node ?? taker.node
  }

  private func peer(at now: Instant, _ isRight: (NodeState) -> Bool) -> Peer? {
    // Of two daemons that say so the newer word counts: one may have been restarted.
    let newest = states.filter { now - $0.value.at < Self.keepFor && isRight($0.value.state) }
      .max { $0.value.at < $1.value.at }
    guard let newest, let node = newest.value.state.node else { return nil }
    return (newest.key, node)
  }
}
