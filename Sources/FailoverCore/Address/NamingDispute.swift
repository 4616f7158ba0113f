import Addresses

/// A majority names another node than the holder, in a lower epoch: Sentinels that came back with
/// an old configuration do so (redis#12271).
///
/// Named is then a node that may itself be a replica of the holder. It takes no address as long as it
/// is one, and nobody else can be promoted without a selection, which a majority in contact shows.
/// So the holder goes on while that node, asked directly again and again, says that it follows it.
struct NamingDispute: Equatable, Sendable {
  /// The node that is named.
  let node: Endpoint
  /// When the first such naming was seen, of this node or another.
  private let since: Instant
  /// When the node was last asked.
  private var askedAt: Instant?
  /// When it was asked what it answered as a replica of this node; nil if it has not.
  private var followedAt: Instant?
  /// Whether it answered something else.
  private var isRefuted = false
  /// Until when the holding goes on without another look: one answer that is late costs no address.
  private var carriesUntil: Instant?

  /// A dispute about a node; after one about another only the first node has time to answer, for
  /// the other may have been promoted meanwhile.
  init(about node: Endpoint, after earlier: NamingDispute?, at now: Instant) {
    self.node = node
    since = earlier?.since ?? now
  }

  /// Whether the named node's word carries the holding.
  var isFollowed: Bool { carriesUntil != nil }

  /// Whether nothing carries the holding any more.
  func isOver(at now: Instant) -> Bool { carriesUntil.map { now >= $0 } ?? true }

  /// When something about it changes by itself.
  var deadlines: [Instant] {
    [carriesUntil ?? since + Timing.followerLifetime] + (nextQuestion.map { [$0] } ?? [])
  }

  /// When the node is asked again; nil if it was not asked yet.
  private var nextQuestion: Instant? { askedAt.map { $0 + Timing.pollInterval } }

  /// Asks the node whom it follows, if it is time.
  mutating func askIfDue(_ turn: inout Turn) {
    if let nextQuestion, turn.now < nextQuestion { return }
    askedAt = turn.now
    turn.order(.inspect(node))
  }

  /// Lets the node's word carry the holding: a majority of Sentinels is in contact.
  mutating func carry() {
    if let followedAt { carriesUntil = followedAt + Timing.followerLifetime }
  }

  /// Records what the node says of itself.
  ///
  /// A replica that is still connecting has chosen its master, too.
  mutating func record(follows: Bool, sentAt: Instant) {
    if follows {
      followedAt = max(sentAt, followedAt ?? sentAt)
      isRefuted = false
    } else {
      followedAt = nil
      carriesUntil = nil
      isRefuted = true
    }
  }

  /// Whether the naming does not end a holding.
  ///
  /// The first answer has a second to come, within the old lease, where the holding is fresh: it
  /// stood on its own ground until it was contradicted, and a majority is in contact, so that a
  /// selection can't go unseen. A node that is named and a master would have to wait longer than
  /// that before it takes.
  func isOutweighed(isFresh: @autoclosure () -> Bool, at now: Instant) -> Bool {
    if let until = carriesUntil { return now < until }
    return !isRefuted && now - since < Timing.followerLifetime && isFresh()
  }
}
