import Addresses
import FailoverCore
import LineCoding

// MARK: - Addresses

extension IPAddress: RecordedValue {
  var recorded: LineText { LineText(verbatim: description) }

  /// Unlike other text, an IPv4-mapped address stays what it is: a recording changes nothing.
  static func read(_ word: Substring) -> IPAddress? {
    word.contains(":") ? IPv6Address(word).map(Self.v6) : IPv4Address(word).map(Self.v4)
  }
}

extension Endpoint: RecordedValue {
  var recorded: LineText { LineText(verbatim: description) }

  static func read(_ word: Substring) -> Endpoint? {
    guard let colon = word.lastIndex(of: ":"), let port = UInt16(word[colon...].dropFirst())
    else { return nil }
    var host = word[..<colon]
    let isBracketed = host.first == "[" && host.last == "]"
    if isBracketed { host = host.dropFirst().dropLast() }
    guard isBracketed == host.contains(":") else { return nil }
    return IPAddress.read(host).map { Endpoint(address: $0, port: port) }
  }
}

extension MACAddress: RecordedValue {
  var recorded: LineText { LineText(verbatim: description) }
  static func read(_ word: Substring) -> MACAddress? { MACAddress(word) }
}

extension VirtualAddress: RecordedValue {
  /// `10.77.0.100/24@eth0`.
  var recorded: LineText { "\(address)/\(subnetPrefixLength)@\(interface)" }

  static func read(_ word: Substring) -> VirtualAddress? {
    let sides = word.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard sides.count == 2, let address = IPAddress.read(sides[0]) else { return nil }
    return Parts(sides[1], by: "@").make { (length: UInt8, interface: String) in
      VirtualAddress(address: address, interface: interface, subnetPrefixLength: length)
    }
  }
}

// MARK: - What a Sentinel says

extension InstanceFlags: RecordedValue {
  /// Sentinel's words, parted by `|`; `none` for no flag.
  var recorded: LineText {
    let words = Self.names.filter { contains($0.flag) }.map(\.word.description)
    return LineText(verbatim: words.isEmpty ? "none" : words.joined(separator: "|"))
  }

  static func read(_ word: Substring) -> InstanceFlags? {
    var flags: InstanceFlags = []
    if word == "none" { return flags }
    for word in word.split(separator: "|", omittingEmptySubsequences: false) {
      guard let known = names.first(where: { $0.word.description == word }) else { return nil }
      flags.insert(known.flag)
    }
    return flags
  }
}

extension ReplicaView: RecordedParts {
  /// `;master` stands behind it if it reports that role, and before that the offset if it is known.
  var recorded: LineText {
    "\(endpoint);\(flags);\(lastOkPingReply);\(priority)"
      + (offset.map { ";\($0)" } ?? "") + (isReportedReplica ? "" : ";master")
  }

  static func read(_ parts: Parts) -> ReplicaView? {
    let others = parts.removing(last: "master")
    let rest = others ?? parts
    var view = rest.make {
      (endpoint: Endpoint, flags: InstanceFlags, pong: Duration?, priority: Int, offset: UInt64) in
      ReplicaView(
        endpoint: endpoint, flags: flags, lastOkPingReply: pong, priority: priority,
        offset: offset)
    }
    // Recordings of versions that did not look at the offset.
    view =
      view
      ?? rest.make { (endpoint: Endpoint, flags: InstanceFlags, pong: Duration?, priority: Int) in
        ReplicaView(endpoint: endpoint, flags: flags, lastOkPingReply: pong, priority: priority)
      }
    view?.isReportedReplica = others == nil
    return view
  }
}

extension ListedSentinel: RecordedParts {
  var recorded: LineText { "\(runID);\(endpoint);\(helloAge)" }
  static func read(_ parts: Parts) -> Self? { parts.make(Self.init(runID:endpoint:helloAge:)) }
}

extension KnownSentinel: RecordedParts {
  var recorded: LineText { "\(runID);\(endpoint);\(fate)" }
  static func read(_ parts: Parts) -> Self? { parts.make(Self.init(runID:endpoint:fate:)) }
}

extension SentinelHint: RecordedParts {
  var recorded: LineText {
    switch self {
    case .voted(let leader, let epoch): "voted;\(leader);\(epoch)"
    case .newEpoch(let epoch): "new-epoch;\(epoch)"
    case .changed: "changed"
    }
  }

  static func read(_ parts: Parts) -> SentinelHint? {
    switch parts.name {
    case "voted": parts.payload.make(SentinelHint.voted)
    case "new-epoch": parts.payload.make(SentinelHint.newEpoch)
    case "changed": parts.alone(.changed)
    default: nil
    }
  }
}

extension SentinelInspection: RecordedParts {
  /// `no;-`: not in TILT, and the quorum can be reached; a third part tells why it takes no order.
  var recorded: LineText {
    "\(isInTilt);\(quorumProblem)" + (orderProblem.map { ";\($0)" } ?? "")
  }
  static func read(_ parts: Parts) -> Self? {
    parts.make(Self.init(isInTilt:quorumProblem:orderProblem:))
      ?? parts.make { (isInTilt: Bool, quorumProblem: String?) in
        Self(isInTilt: isInTilt, quorumProblem: quorumProblem)
      }
  }
}

extension FailoverAnswer: RecordedParts {
  var recorded: LineText {
    switch self {
    case .accepted: "accepted"
    case .refused(let text): "refused;\(text)"
    case .lost: "lost"
    }
  }

  static func read(_ parts: Parts) -> FailoverAnswer? {
    switch parts.name {
    case "accepted": parts.alone(.accepted)
    case "refused": parts.payload.make(FailoverAnswer.refused)
    case "lost": parts.alone(.lost)
    default: nil
    }
  }
}

// MARK: - What other nodes say

extension Notice: RecordedParts {
  var recorded: LineText {
    switch self {
    case .yielded(let from, let target, let epoch, let nonce):
      "yielded;\(from);\(target);\(epoch);\(nonce)"
    case .selected(let from, let epoch, let nonce): "selected;\(from);\(epoch);\(nonce)"
    case .moveOffered(let offer): "move-offered;\(offer)"
    case .moveAnswered(let from, let id, let round, let refusal):
      "move-answered;\(from);\(id);\(round);\(refusal)"
    case .moveEnded(let from, let id): "move-ended;\(from);\(id)"
    case .moveArrived(let from, let id): "move-arrived;\(from);\(id)"
    case .replicaStops(let replica): "replica-stops;\(replica)"
    case .replicaDismissed(let replica, let from): "replica-dismissed;\(replica);\(from)"
    case .replicaAwaited(let replica, let from): "replica-awaited;\(replica);\(from)"
    }
  }

  static func read(_ parts: Parts) -> Notice? {
    switch parts.name {
    case "yielded": parts.payload.make(Notice.yielded)
    case "selected": parts.payload.make(Notice.selected)
    case "move-offered": MoveOffer.read(parts.payload).map(Notice.moveOffered)
    case "move-answered": parts.payload.make(Notice.moveAnswered)
    case "move-ended": parts.payload.make(Notice.moveEnded)
    case "move-arrived": parts.payload.make(Notice.moveArrived)
    case "replica-stops": parts.payload.make(Notice.replicaStops)
    case "replica-dismissed": parts.payload.make(Notice.replicaDismissed)
    case "replica-awaited": parts.payload.make(Notice.replicaAwaited)
    default: nil
    }
  }
}

extension MoveOffer: RecordedParts {
  var recorded: LineText { "\(from);\(target);\(id);\(round);\(through);\(prefers);\(armed)" }

  static func read(_ parts: Parts) -> MoveOffer? {
    parts.make(Self.init(from:target:id:round:through:prefers:armed:))
  }
}

extension NodeObservation: RecordedValue {
  /// Parted by `|`, for its role has parts itself.
  var recorded: LineText {
    "\(role)|\(offset)|\(isLinkUp ? LinkState.up : .down)|\(priority)|\(fence)"
      + (stream.map { "|\(keys)|\($0)" } ?? keys.map { "|\($0)" } ?? "")
  }

  static func read(_ word: Substring) -> NodeObservation? {
    let parts = Parts(word, by: "|")
    let whole = parts.make {
      (
        role: LocalRole, offset: UInt64, link: LinkState, priority: Int?, fence: FenceSetting?,
        keys: UInt64?, stream: String
      ) in
      Self(
        role: role, offset: offset, isLinkUp: link == .up, priority: priority, fence: fence,
        keys: keys, stream: stream)
    }
    if let whole { return whole }
    let told = parts.make {
      (
        role: LocalRole, offset: UInt64, link: LinkState, priority: Int?, fence: FenceSetting?,
        keys: UInt64
      ) in
      Self(
        role: role, offset: offset, isLinkUp: link == .up, priority: priority, fence: fence,
        keys: keys)
    }
    // Who does not tell its keys, and recordings of versions that did not ask.
    return told
      ?? parts.make {
        (role: LocalRole, offset: UInt64, link: LinkState, priority: Int?, fence: FenceSetting?) in
        Self(role: role, offset: offset, isLinkUp: link == .up, priority: priority, fence: fence)
      }
  }

  private enum LinkState: String, RecordedValue { case up, down }
}

// MARK: - What happens on this host

extension LocalRole: RecordedParts {
  var recorded: LineText {
    switch self {
    case .master: "master"
    case .replica(let master): "replica;\(master)"
    }
  }

  static func read(_ parts: Parts) -> LocalRole? {
    switch parts.name {
    case "master": parts.alone(.master)
    case "replica": parts.payload.make(LocalRole.replica)
    default: nil
    }
  }
}

extension ReplicationPoint: RecordedValue {
  /// Parted by `@`.
  var recorded: LineText { "\(offset)@\(stream)" }

  static func read(_ word: Substring) -> ReplicationPoint? {
    Parts(word, by: "@").make { (offset: UInt64, stream: String) in
      Self(stream: stream, offset: offset)
    }
  }
}

extension LocalIdentity: RecordedParts {
  /// Behind it stand the base, where there is one, `;unlinked` of a replica that is not synchronized,
  /// `;loading` while it reads its file.
  var recorded: LineText {
    "\(process);\(offset);\(keys)" + (base.map { ";\($0)" } ?? "")
      + (isLinkUp ? "" : ";unlinked") + (isLoading ? ";loading" : "")
  }

  static func read(_ parts: Parts) -> LocalIdentity? {
    let loading = parts.removing(last: "loading")
    let unlinked = (loading ?? parts).removing(last: "unlinked")
    let rest = unlinked ?? loading ?? parts
    var identity =
      rest.make { (process: String, offset: UInt64, keys: UInt64, base: ReplicationPoint) in
        Self(process: process, offset: offset, keys: keys, base: base)
      }
      ?? rest.make { (process: String, offset: UInt64, keys: UInt64) in
        Self(process: process, offset: offset, keys: keys)
      }
    identity?.isLoading = loading != nil
    identity?.isLinkUp = unlinked == nil
    return identity
  }
}

extension AttachedReplica: RecordedParts {
  var recorded: LineText {
    "\(endpoint);\(isOnline ? LinkState.online : .offline);\(lagSeconds);\(offset)"
  }

  static func read(_ parts: Parts) -> AttachedReplica? {
    parts.make { (endpoint: Endpoint, link: LinkState, lag: Int, offset: UInt64) in
      Self(endpoint: endpoint, isOnline: link == .online, lagSeconds: lag, offset: offset)
    }
  }

  private enum LinkState: String, RecordedValue { case online, offline }
}

extension AddressFailure: RecordedParts {
  var recorded: LineText {
    switch self {
    case .interface(let text): "interface;\(text)"
    case .kernel(let text): "kernel;\(text)"
    }
  }

  static func read(_ parts: Parts) -> AddressFailure? {
    switch parts.name {
    case "interface": parts.payload.make(AddressFailure.interface)
    case "kernel": parts.payload.make(AddressFailure.kernel)
    default: nil
    }
  }
}

extension Disturbance: RecordedParts {
  var recorded: LineText {
    switch self {
    case .clockJump(let by): "clock-jump;\(by)"
    case .stall(let time): "stall;\(time)"
    }
  }

  static func read(_ parts: Parts) -> Disturbance? {
    switch parts.name {
    case "clock-jump": parts.payload.make(Disturbance.clockJump)
    case "stall": parts.payload.make(Disturbance.stall)
    default: nil
    }
  }
}

// MARK: - What is known at the start

extension LeaseProof: RecordedParts {
  var recorded: LineText { "\(provenAt);\(configEpoch)" }
  static func read(_ parts: Parts) -> Self? { parts.make(Self.init(provenAt:configEpoch:)) }
}

extension Pause: RecordedValue {
  var recorded: LineText { until?.recorded ?? "forever" }

  static func read(_ word: Substring) -> Pause? {
    word == "forever" ? Pause(until: nil) : Instant.read(word).map { Pause(until: $0) }
  }
}

extension StartupFacts.PresentAddress: RecordedParts {
  var recorded: LineText { "\(virtualAddress);\(remaining)" }
  static func read(_ parts: Parts) -> Self? { parts.make(Self.init(virtualAddress:remaining:)) }
}

extension PriorityMemory: RecordedParts {
  var recorded: LineText { "\(original);\(lowered)" }
  static func read(_ parts: Parts) -> Self? { parts.make(Self.init(original:lowered:)) }
}
