import Addresses
import FailoverCore
import RESP

/// The fields of `INFO replication` that anybody here asks for (`server.c genRedisInfoString`).
///
/// It is read ten times a second, so it is read as bytes, and nothing but an address becomes text.
struct ReplicationInfo: Equatable {
  /// The attached replicas in their order; at most `LocalReplication.maxReplicas`.
  var replicas: [AttachedReplica] = []
  /// `master_repl_offset`.
  var masterOffset: UInt64 = 0
  /// `min_slaves_good_slaves`; only a master that asks for replicas tells it.
  var goodReplicas: Int?
  /// `slave_repl_offset`; a master has none.
  var replicaOffset: UInt64?
  /// Whether `master_link_status` is `up`; a master has none.
  var isLinkUp: Bool?
  /// `slave_priority`; a master has none.
  var priority: Int?

  /// Reads the text of the reply.
  init(_ text: ArraySlice<UInt8>, resolve: (String) -> IPAddress?) {
    for line in text.split(whereSeparator: { $0 == 10 || $0 == 13 }) {
      guard let (name, value) = line.cut(at: UInt8(ascii: ":")) else { continue }
      take(name, value, resolve)
    }
  }

  /// Takes one line.
  private mutating func take(
    _ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>, _ resolve: (String) -> IPAddress?
  ) {
    switch name.count {
    case 14 where name.spells("slave_priority"): priority = value.number.map(Int.init(clamping:))
    case 17 where name.spells("slave_repl_offset"): replicaOffset = value.number
    case 18 where name.spells("master_link_status"): isLinkUp = value.spells("up")
    case 18 where name.spells("master_repl_offset"): masterOffset = value.number ?? 0
    case 22 where name.spells("min_slaves_good_slaves"):
      goodReplicas = value.number.map(Int.init(clamping:))
    case 6...8 where name.starts(with: "slave".utf8) && name.dropFirst(5).number != nil:
      guard replicas.count < LocalReplication.maxReplicas,
        let replica = Self.replica(value, resolve)
      else { return }
      replicas.append(replica)
    default: break
    }
  }

  /// Reads `ip=…,port=…,state=…,offset=…,lag=…`; nothing without a usable address.
  private static func replica(
    _ value: ArraySlice<UInt8>, _ resolve: (String) -> IPAddress?
  ) -> AttachedReplica? {
    var host: ArraySlice<UInt8>?
    var port: UInt64?
    var offset: UInt64 = 0
    var isOnline = false
    var lag: Int?
    for field in value.split(separator: UInt8(ascii: ",")) {
      guard let (name, value) = field.cut(at: UInt8(ascii: "=")) else { continue }
      switch name.count {
      case 2 where name.spells("ip"): host = value
      case 4 where name.spells("port"): port = value.number
      case 5 where name.spells("state"): isOnline = value.spells("online")
      case 6 where name.spells("offset"): offset = value.number ?? 0
      case 3 where name.spells("lag"): lag = Self.lag(value)
      default: break
      }
    }
    guard let host, (1...253).contains(host.count),
      let port = port.flatMap(UInt16.init(exactly:)), port > 0, let lag
    else { return nil }
    let text = String(decoding: host, as: UTF8.self)
    guard let address = IPAddress(text) ?? resolve(text) else { return nil }
    return AttachedReplica(
      endpoint: Endpoint(address: address, port: port), isOnline: isOnline, lagSeconds: lag,
      offset: offset)
  }

  /// Whole seconds; a wall clock that was set back makes them negative, and Redis takes that for
  /// good as well (`replication.c refreshGoodSlavesCount`).
  private static func lag(_ value: ArraySlice<UInt8>) -> Int? {
    if value.first == UInt8(ascii: "-") { return value.dropFirst().number.map { _ in 0 } }
    return value.number.map { Int(clamping: min($0, 1 << 31)) }
  }
}

extension ArraySlice<UInt8> {
  /// What stands before and behind the first of a byte.
  fileprivate func cut(at byte: UInt8) -> (ArraySlice<UInt8>, ArraySlice<UInt8>)? {
    guard let place = firstIndex(of: byte) else { return nil }
    return (self[..<place], self[(place + 1)...])
  }

  /// The value of a decimal number without a sign, at most 18 digits.
  fileprivate var number: UInt64? {
    guard (1...18).contains(count) else { return nil }
    var value: UInt64 = 0
    for byte in self {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      value = value * 10 + UInt64(byte - UInt8(ascii: "0"))
    }
    return value
  }
}

extension ReplicationInfo {
  /// The replicas whose last word is at most a second old.
  var acknowledging: [Endpoint] {
    replicas.filter { $0.isOnline && $0.lagSeconds <= 1 }.map(\.endpoint)
  }

  /// What a master says of its replicas.
  var local: LocalReplication {
    LocalReplication(replicas: replicas, offset: masterOffset, goodReplicas: goodReplicas)
  }

  /// What a node says of itself, with its role and fence.
  func observation(of role: LocalRole, fence: FenceSetting?) -> NodeObservation {
    switch role {
    case .master: NodeObservation(role: role, offset: masterOffset, fence: fence)
    case .replica:
      NodeObservation(
        role: role, offset: replicaOffset ?? 0, isLinkUp: isLinkUp ?? false, priority: priority,
        fence: fence)
    }
  }
}
