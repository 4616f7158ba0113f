import Addresses
import FailoverCore
import RESP

/// Why a reply of a Sentinel could not be read.
enum SentinelReplyError: Error, Equatable {
  /// `ERR No such master with that name`, or the null that stands for it.
  case noSuchMaster
  /// Another error, in the Sentinel's words.
  case refused(String)
  /// A field is missing or is not what it should be.
  case nonsense(String)
  /// A host name that is not resolved yet.
  case unresolved(String)
}

/// Reads Sentinel's replies: RESP2's flat arrays and RESP3's maps alike, all values strings.
///
/// Unknown fields are ignored, so that newer servers are understood
/// (`sentinel.c addReplySentinelRedisInstance`).
struct SentinelReplyDecoder {
  /// Turns a host name into an address if that is known by now.
  var resolve: (String) -> IPAddress?

  /// The fields of a MASTER reply, and the list of a REPLICAS reply, as one view.
  func view(named: Endpoint, master: MasterFields, replicas: [ReplicaView]) -> SentinelView {
    SentinelView(
      named: named, master: master.endpoint, flags: master.flags,
      failoverState: master.failoverState, lastOkPingReply: master.lastOkPingReply,
      downAfter: master.downAfter, failoverTimeout: master.failoverTimeout,
      configEpoch: master.configEpoch, quorum: master.quorum,
      otherSentinels: master.otherSentinels, replicas: replicas)
  }

  /// What a view needs of a MASTER reply.
  struct MasterFields: Equatable {
    var endpoint: Endpoint
    var flags: InstanceFlags
    var failoverState: SentinelView.FailoverState?
    var lastOkPingReply: Duration
    var downAfter: Duration
    var failoverTimeout: Duration
    var configEpoch: UInt64
    var quorum: Int
    var otherSentinels: Int
  }

  /// One entry of a SENTINELS reply.
  struct SentinelEntry: Equatable {
    var endpoint: Endpoint
    var runID: String
  }

  /// Reads the answer of `SENTINEL GET-MASTER-ADDR-BY-NAME`.
  func named(_ token: RESPToken) throws(SentinelReplyError) -> Endpoint {
    try refuseErrors(token)
    guard !token.isNull else { throw .noSuchMaster }
    guard var elements = token.elements, let host = elements.next()?.text,
      let port = elements.next()
    else { throw .nonsense("GET-MASTER-ADDR-BY-NAME is not an address and a port") }
    return try endpoint(host: host, port: port.integer)
  }

  /// Reads the answer of `SENTINEL MASTER`.
  func master(_ token: RESPToken) throws(SentinelReplyError) -> MasterFields {
    try refuseErrors(token)
    let fields = try InstanceFields(token)
    return MasterFields(
      endpoint: try endpoint(host: fields.host, port: fields.port),
      flags: fields.flags, failoverState: fields.failoverState,
      lastOkPingReply: try milliseconds(fields.lastOkPingReply, "last-ok-ping-reply"),
      downAfter: try milliseconds(fields.downAfter, "down-after-milliseconds"),
      failoverTimeout: try milliseconds(fields.failoverTimeout, "failover-timeout"),
      configEpoch: UInt64(try number(fields.configEpoch, "config-epoch", upTo: .max)),
      quorum: Int(try number(fields.quorum, "quorum", upTo: 10_000)),
      otherSentinels: Int(try number(fields.otherSentinels, "num-other-sentinels", upTo: 10_000)))
  }

  /// Reads the answer of `SENTINEL REPLICAS`.
  func replicas(_ token: RESPToken) throws(SentinelReplyError) -> [ReplicaView] {
    try list(token) { fields throws(SentinelReplyError) in
      ReplicaView(
        endpoint: try endpoint(host: fields.host, port: fields.port), flags: fields.flags,
        lastOkPingReply: try milliseconds(fields.lastOkPingReply, "last-ok-ping-reply"),
        priority: Int(try number(fields.priority ?? 100, "slave-priority", upTo: 1 << 31)),
        isReportedReplica: fields.roleReported != "master")
    }
  }

  /// Reads the answer of `SENTINEL SENTINELS`.
  ///
  /// A Sentinel that another one knows by an unusable address is left out.
  func sentinels(_ token: RESPToken) throws(SentinelReplyError) -> [SentinelEntry] {
    try list(token) { fields throws(SentinelReplyError) in
      let endpoint = try endpoint(host: fields.host, port: fields.port)
      return SentinelEntry(endpoint: endpoint, runID: fields.runID ?? "")
    }
  }

  private func list<Entry>(
    _ token: RESPToken, _ read: (InstanceFields) throws(SentinelReplyError) -> Entry
  ) throws(SentinelReplyError) -> [Entry] {
    try refuseErrors(token)
    guard let elements = token.elements else { throw .nonsense("a list is not an array") }
    var entries: [Entry] = []
    for element in elements {
      entries.append(try read(try InstanceFields(element)))
    }
    return entries
  }

  private func refuseErrors(_ token: RESPToken) throws(SentinelReplyError) {
    guard let error = token.errorText else { return }
    throw error.hasPrefix("ERR No such master") ? .noSuchMaster : .refused(error)
  }

  private func endpoint(host: String?, port: Int64?) throws(SentinelReplyError) -> Endpoint {
    guard let host, !host.isEmpty else { throw .nonsense("an instance without an address") }
    guard let port, let port = UInt16(exactly: port), port > 0 else {
      throw .nonsense("an instance without a port")
    }
    if let address = IPAddress(host) { return Endpoint(address: address, port: port) }
    guard let address = resolve(host) else { throw .unresolved(host) }
    return Endpoint(address: address, port: port)
  }

  private func number(
    _ value: Int64?, _ name: String, upTo limit: Int64
  ) throws(SentinelReplyError) -> Int64 {
    guard let value, value >= 0, value <= limit else {
      throw .nonsense("\(name) is missing or out of range")
    }
    return value
  }

  /// A duration in milliseconds; more than a day would only hide a mistake and overflow later.
  private func milliseconds(
    _ value: Int64?, _ name: String
  ) throws(SentinelReplyError) -> Duration {
    guard let value, value >= 0 else { throw .nonsense("\(name) is missing or negative") }
    return .milliseconds(min(value, 86_400_000))
  }
}
