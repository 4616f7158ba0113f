import Addresses
package import FailoverCore

extension GroupStatus {
  /// Why the fence may close too late; nil if it does not.
  ///
  /// A master that was cut off refuses writes after max-lag and one second, since Redis counts
  /// its replicas once a second; from down-after on another may be elected.
  package func fenceDoubt(_ policy: FencePolicy) -> String? {
    guard case .minReplicas(_, let lag) = policy, let downAfter = minDownAfter,
      .seconds(lag + 1) >= downAfter
    else { return nil }
    return "max-lag \(lag) is too long for down-after-milliseconds \(downAfter.wholeMilliseconds): "
      + "a master that is cut off may take writes for \(lag + 1) s, and another may be elected "
      + "meanwhile; those writes would be lost. Set a shorter max-lag or a longer down-after"
  }

  /// How many Sentinels answer here.
  package var sentinelsInContact: Int { sentinels.count { $0.isConnected && $0.view != nil } }

  /// Whether a majority of the Sentinels that count is in contact.
  package var reachesMajority: Bool { sentinelsInContact >= counts.majority }

  /// Whether another id answers at the address of a Sentinel, or its host refuses the connection.
  package func isSurelyGone(_ sentinel: KnownSentinel) -> Bool {
    guard let there = sentinels.first(where: { $0.id == sentinel.endpoint }) else { return false }
    return there.isConnected ? there.runID != sentinel.runID : there.loss == .refused
  }
}

extension GroupStatus.KnownStatus {
  /// How long after the last hello a Sentinel out of contact is told by name: twice the period of a
  /// hello (`sentinel.c` SENTINEL_PUBLISH_PERIOD).
  private static let quietHello = Duration.seconds(4)

  /// Whether it is one that nobody has heard for longer than a hello takes.
  package var isPhantom: Bool { !isInContact && helloAge.map { $0 >= Self.quietHello } ?? true }

  /// Whether it may be left out on the operator's word: no hello shows that it lives.
  package var mayBeForgotten: Bool {
    !isInContact && helloAge.map { $0 >= Timing.helloLifetime } ?? true
  }

  /// When it was heard last, and who lists it.
  package var lastWord: String {
    let hello = helloAge.map { "its last hello came \($0.shortText) ago" } ?? "no hello is known"
    guard !listedBy.isEmpty else { return "\(hello), and no Sentinel in contact lists it" }
    return "\(hello); listed by \(listedBy.map(\.description).joined(separator: ", "))"
  }
}

extension KnownSentinel {
  /// Its address and run id, for people.
  package var place: String {
    "\(endpoint?.description ?? "without a usable address") (run id \(runID))"
  }
}
