import Addresses
import FailoverCore

/// The parts of a word, parted by `;`; nothing unless there are so many.
func parts(of word: Substring, count: Int) -> [Substring]? {
  let parts = word.split(separator: ";", omittingEmptySubsequences: false)
  return parts.count == count ? parts : nil
}

// MARK: - Addresses

extension IPAddress: RecordedValue {
  var recorded: String { description }

  /// Unlike other text, an IPv4-mapped address stays what it is: a recording changes nothing.
  init?(recorded: Substring) {
    let address =
      recorded.contains(":")
      ? IPv6Address(recorded).map(IPAddress.v6) : IPv4Address(recorded).map(IPAddress.v4)
    guard let address else { return nil }
    self = address
  }
}

extension Endpoint: RecordedValue {
  var recorded: String { description }

  init?(recorded: Substring) {
    guard let colon = recorded.lastIndex(of: ":"),
      let port = UInt16(recorded[recorded.index(after: colon)...])
    else { return nil }
    var host = recorded[..<colon]
    let isBracketed = host.first == "[" && host.last == "]"
    if isBracketed { host = host.dropFirst().dropLast() }
    guard isBracketed == host.contains(":"), let address = IPAddress(recorded: host) else {
      return nil
    }
    self.init(address: address, port: port)
  }
}

extension MACAddress: RecordedValue {
  var recorded: String { description }
  init?(recorded: Substring) { self.init(recorded) }
}

extension VirtualAddress: RecordedValue {
  /// `10.77.0.100/24@eth0`.
  var recorded: String { "\(address)/\(subnetPrefixLength)@\(interface.recorded)" }

  init?(recorded: Substring) {
    let sides = recorded.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    guard sides.count == 2, let slash = sides[0].firstIndex(of: "/"),
      let address = IPAddress(recorded: sides[0][..<slash]),
      let length = UInt8(sides[0][sides[0].index(after: slash)...]),
      let interface = String(recorded: sides[1])
    else { return nil }
    self.init(address: address, interface: interface, subnetPrefixLength: length)
  }
}

// MARK: - What a Sentinel says

extension InstanceFlags: RecordedValue {
  /// Sentinel's words, parted by `|`; `none` for no flag.
  var recorded: String {
    let words = Self.names.filter { contains($0.flag) }.map(\.word.description)
    return words.isEmpty ? "none" : words.joined(separator: "|")
  }

  init?(recorded: Substring) {
    self = []
    if recorded == "none" { return }
    for word in recorded.split(separator: "|", omittingEmptySubsequences: false) {
      guard let known = Self.names.first(where: { $0.word.description == word }) else { return nil }
      insert(known.flag)
    }
  }
}

extension ReplicaView: RecordedValue {
  var recorded: String {
    "\(endpoint.recorded);\(flags.recorded);\(lastOkPingReply.recorded);\(priority)"
      + (isReportedReplica ? "" : ";master")
  }

  init?(recorded: Substring) {
    let isMaster = recorded.hasSuffix(";master")
    guard
      let parts = parts(of: isMaster ? recorded.dropLast(";master".count) : recorded, count: 4),
      let endpoint = Endpoint(recorded: parts[0]),
      let flags = InstanceFlags(recorded: parts[1]),
      let pong = Duration?(recorded: parts[2]), let priority = Int(recorded: parts[3])
    else { return nil }
    self.init(
      endpoint: endpoint, flags: flags, lastOkPingReply: pong, priority: priority,
      isReportedReplica: !isMaster)
  }
}

extension ListedSentinel: RecordedValue {
  var recorded: String { "\(runID.recorded);\(endpoint.recorded);\(helloAge.recorded)" }

  init?(recorded: Substring) {
    guard let parts = parts(of: recorded, count: 3), let runID = String(recorded: parts[0]),
      let endpoint = Endpoint?(recorded: parts[1]), let age = Duration?(recorded: parts[2])
    else { return nil }
    self.init(runID: runID, endpoint: endpoint, helloAge: age)
  }
}

extension KnownSentinel: RecordedValue {
  var recorded: String { "\(runID.recorded);\(endpoint.recorded);\(fate.rawValue)" }

  init?(recorded: Substring) {
    guard let parts = parts(of: recorded, count: 3), let runID = String(recorded: parts[0]),
      let endpoint = Endpoint?(recorded: parts[1]), let fate = Fate(rawValue: String(parts[2]))
    else { return nil }
    self.init(runID: runID, endpoint: endpoint, fate: fate)
  }
}

extension SentinelHint: RecordedValue {
  var recorded: String {
    switch self {
    case .voted(let leader, let epoch): "voted;\(leader.recorded);\(epoch)"
    case .newEpoch(let epoch): "new-epoch;\(epoch)"
    case .changed: "changed"
    }
  }

  init?(recorded: Substring) {
    if recorded == "changed" {
      self = .changed
    } else if let parts = parts(of: recorded, count: 2), parts[0] == "new-epoch",
      let epoch = UInt64(parts[1])
    {
      self = .newEpoch(epoch)
    } else if let parts = parts(of: recorded, count: 3), parts[0] == "voted",
      let leader = String(recorded: parts[1]), let epoch = UInt64(parts[2])
    {
      self = .voted(leader: leader, epoch: epoch)
    } else {
      return nil
    }
  }
}

// MARK: - What else happens

extension LocalRole: RecordedValue {
  var recorded: String {
    switch self {
    case .master: "master"
    case .replica(let master): "replica;\(master.recorded)"
    }
  }

  init?(recorded: Substring) {
    if recorded == "master" {
      self = .master
    } else {
      guard let parts = parts(of: recorded, count: 2), parts[0] == "replica",
        let master = Endpoint?(recorded: parts[1])
      else { return nil }
      self = .replica(of: master)
    }
  }
}

extension AddressFailure: RecordedValue {
  var recorded: String {
    switch self {
    case .interface(let text): "interface;\(text.recorded)"
    case .kernel(let text): "kernel;\(text.recorded)"
    }
  }

  init?(recorded: Substring) {
    guard let parts = parts(of: recorded, count: 2), let text = String(recorded: parts[1]) else {
      return nil
    }
    switch parts[0] {
    case "interface": self = .interface(text)
    case "kernel": self = .kernel(text)
    default: return nil
    }
  }
}

extension Disturbance: RecordedValue {
  var recorded: String {
    switch self {
    case .clockJump(let by): "clock-jump;\(by.recorded)"
    case .stall(let time): "stall;\(time.recorded)"
    }
  }

  init?(recorded: Substring) {
    guard let parts = parts(of: recorded, count: 2), let time = Duration(recorded: parts[1]) else {
      return nil
    }
    switch parts[0] {
    case "clock-jump": self = .clockJump(time)
    case "stall": self = .stall(time)
    default: return nil
    }
  }
}

extension Notice: RecordedValue {
  var recorded: String {
    switch self {
    case .yielded(let from, let target, let epoch, let nonce):
      "yielded;\(from.recorded);\(target.recorded);\(epoch);\(nonce)"
    case .selected(let from, let epoch, let nonce): "selected;\(from.recorded);\(epoch);\(nonce)"
    case .moveOffered(let offer): "move-offered;\(offer.recorded)"
    case .moveAnswered(let from, let id, let round, let refusal):
      "move-answered;\(from.recorded);\(id);\(round);\(refusal.recorded)"
    case .moveEnded(let from, let id): "move-ended;\(from.recorded);\(id)"
    case .moveArrived(let from, let id): "move-arrived;\(from.recorded);\(id)"
    }
  }

  init?(recorded: Substring) {
    if let parts = parts(of: recorded, count: 5), parts[0] == "yielded",
      let from = Endpoint(recorded: parts[1]), let target = Endpoint(recorded: parts[2]),
      let epoch = UInt64(parts[3]), let nonce = UInt64(parts[4])
    {
      self = .yielded(from: from, target: target, epoch: epoch, nonce: nonce)
    } else if let parts = parts(of: recorded, count: 4), parts[0] == "selected",
      let from = Endpoint(recorded: parts[1]), let epoch = UInt64(parts[2]),
      let nonce = UInt64(parts[3])
    {
      self = .selected(from: from, epoch: epoch, nonce: nonce)
    } else if let notice = Notice(recordedMove: recorded) {
      self = notice
    } else {
      return nil
    }
  }
}

// MARK: - What is known at the start

extension LeaseProof: RecordedValue {
  var recorded: String { "\(provenAt.recorded);\(configEpoch)" }

  init?(recorded: Substring) {
    guard let parts = parts(of: recorded, count: 2), let instant = Instant(recorded: parts[0]),
      let epoch = UInt64(parts[1])
    else { return nil }
    self.init(provenAt: instant, configEpoch: epoch)
  }
}

extension Pause: RecordedValue {
  var recorded: String { until?.recorded ?? "forever" }

  init?(recorded: Substring) {
    if recorded == "forever" {
      self.init(until: nil)
    } else {
      guard let instant = Instant(recorded: recorded) else { return nil }
      self.init(until: instant)
    }
  }
}

extension StartupFacts.PresentAddress: RecordedValue {
  var recorded: String { "\(virtualAddress.recorded);\(remaining.recorded)" }

  init?(recorded: Substring) {
    guard let parts = parts(of: recorded, count: 2),
      let address = VirtualAddress(recorded: parts[0]),
      let remaining = Duration?(recorded: parts[1])
    else { return nil }
    self.init(virtualAddress: address, remaining: remaining)
  }
}
