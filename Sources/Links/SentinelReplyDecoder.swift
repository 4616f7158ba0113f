package import Addresses
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
package struct SentinelReplyDecoder {
  /// Turns a host name into an address if that is known by now.
  var resolve: (String) -> IPAddress?

  package init(resolve: @escaping (String) -> IPAddress?) {
    self.resolve = resolve
  }

  /// The fields of a MASTER reply, and the list of a REPLICAS reply, as one view.
  func view(named: Endpoint, master: MasterFields, replicas: [ReplicaView]) -> SentinelView {
    var view = SentinelView(
      named: named, flags: master.flags,
      failoverState: master.failoverState, lastOkPingReply: master.lastOkPingReply,
      downAfter: master.downAfter, failoverTimeout: master.failoverTimeout,
      configEpoch: master.configEpoch, quorum: master.quorum,
      otherSentinels: master.otherSentinels, replicas: replicas)
    view.master = master.endpoint
    return view
  }

  /// What a view needs of a MASTER reply; nil for what could not be used.
  struct MasterFields: Equatable {
    var endpoint: Endpoint?
    var flags: InstanceFlags
    var failoverState: SentinelView.FailoverState?
    var lastOkPingReply: Duration?
    var downAfter: Duration?
    var failoverTimeout: Duration?
    var configEpoch: UInt64
    var quorum: Int?
    var otherSentinels: Int?
  }

  /// Something in a reply that could not be used, and costs no more than itself.
  struct Flaw: Equatable {
    /// What it is, for people.
    var text: String
    /// A host name that is not known yet, if that is all that is wrong.
    var unresolved: String?
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

  /// Reads the answer of `SENTINEL MASTER`; a field that can't be used costs that field.
  func master(
    _ token: RESPToken, _ flaws: inout [Flaw]
  ) throws(SentinelReplyError) -> MasterFields {
    try refuseErrors(token)
    let fields = try InstanceFields(token)
    if fields.flags == nil { flaws.append(Flaw(text: "flags of the master are missing")) }
    return MasterFields(
      endpoint: entry(fields, "the master", &flaws), flags: fields.flags ?? [],
      failoverState: fields.failoverState,
      // Without its flags a master may be down, and an age is no sign of life.
      lastOkPingReply: fields.flags == nil
        ? nil : age(fields.lastOkPingReply, "last-ok-ping-reply", &flaws),
      downAfter: milliseconds(fields.downAfter, "down-after-milliseconds", &flaws),
      failoverTimeout: milliseconds(fields.failoverTimeout, "failover-timeout", &flaws),
      configEpoch: number(fields.configEpoch, "config-epoch", upTo: .max, &flaws)
        .map(UInt64.init) ?? 0,
      quorum: number(fields.quorum, "quorum", upTo: 10_000, &flaws).map(Int.init),
      otherSentinels: number(fields.otherSentinels, "num-other-sentinels", upTo: 10_000, &flaws)
        .map(Int.init))
  }

  /// Reads the answer of `SENTINEL REPLICAS`; an entry that can't be used is left out.
  ///
  /// A tool that attaches as a replica without a port (`redis-cli --rdb`, a backup) is such an entry:
  /// nobody can be told to become a master there.
  func replicas(
    _ token: RESPToken, _ flaws: inout [Flaw]
  ) throws(SentinelReplyError) -> [ReplicaView] {
    try list(token, "a replica", &flaws).compactMap { fields in
      guard let endpoint = entry(fields, "a replica", &flaws) else { return nil }
      let priority = fields.priority.flatMap { (0...Int64(Int32.max)).contains($0) ? $0 : nil }
      return ReplicaView(
        endpoint: endpoint, flags: fields.flags ?? [],
        lastOkPingReply: fields.flags == nil
          ? nil : age(fields.lastOkPingReply, "last-ok-ping-reply of \(endpoint)", &flaws),
        priority: Int(priority ?? 100), isReportedReplica: fields.roleReported != "master",
        offset: fields.replicaOffset.flatMap(UInt64.init(exactly:)))
    }
  }

  /// Reads the answer of `SENTINEL SENTINELS`.
  ///
  /// An entry without a usable address is kept for its run id: it counts. An entry without a run id
  /// is of no use.
  func sentinels(
    _ token: RESPToken, _ flaws: inout [Flaw]
  ) throws(SentinelReplyError) -> [ListedSentinel] {
    try list(token, "a Sentinel", &flaws).compactMap { fields in
      let endpoint = entry(fields, "a Sentinel", &flaws)
      guard endpoint != nil || fields.runID?.isEmpty == false else { return nil }
      return ListedSentinel(
        runID: String((fields.runID ?? "").prefix(64)), endpoint: endpoint,
        helloAge: fields.lastHello.flatMap(Self.helloAge))
    }
  }

  /// An age below zero proves nothing: the clock of the Sentinel was set back since.
  private static func helloAge(_ milliseconds: Int64) -> Duration? {
    milliseconds < 0 ? nil : .milliseconds(min(milliseconds, 86_400_000))
  }

  private func list(
    _ token: RESPToken, _ what: String, _ flaws: inout [Flaw]
  ) throws(SentinelReplyError) -> [InstanceFields] {
    try refuseErrors(token)
    guard let elements = token.elements else { throw .nonsense("a list is not an array") }
    var entries: [InstanceFields] = []
    for element in elements {
      if let fields = try? InstanceFields(element) {
        entries.append(fields)
      } else {
        flaws.append(Flaw(text: "\(what) is not a list of fields"))
      }
    }
    return entries
  }

  /// Where an instance is; nil, with the flaw, if the entry does not say.
  private func entry(
    _ fields: InstanceFields, _ what: String, _ flaws: inout [Flaw]
  ) -> Endpoint? {
    do throws(SentinelReplyError) {
      return try endpoint(host: fields.host, port: fields.port)
    } catch {
      let place = "\(fields.host ?? "?"):\(fields.port.map(String.init) ?? "?")".prefix(80)
      switch error {
      case .unresolved(let host):
        flaws.append(
          Flaw(text: "\(what) at \(place) has a name that is not known yet", unresolved: host))
      case .noSuchMaster, .refused, .nonsense:
        flaws.append(Flaw(text: "\(what) at \(place) has no usable address and port"))
      }
      return nil
    }
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
    _ value: Int64?, _ name: String, upTo limit: Int64, _ flaws: inout [Flaw]
  ) -> Int64? {
    if let value, value >= 0, value <= limit { return value }
    flaws.append(Flaw(text: "\(name) is missing or out of range"))
    return nil
  }

  /// A duration in milliseconds; more than a day would only hide a mistake and overflow later.
  private func milliseconds(_ value: Int64?, _ name: String, _ flaws: inout [Flaw]) -> Duration? {
    number(value, name, upTo: .max, &flaws).map { .milliseconds(min($0, Self.maxAge)) }
  }

  /// An age in milliseconds, which is negative where the clock of the host was set back.
  private func age(_ value: Int64?, _ name: String, _ flaws: inout [Flaw]) -> Duration? {
    guard let value else {
      flaws.append(Flaw(text: "\(name) is missing or no number"))
      return nil
    }
    return .milliseconds(min(max(value, -Self.maxStep), Self.maxAge))
  }

  /// A day: older is as good as never.
  private static let maxAge: Int64 = 86_400_000
  /// Ten years: what a clock may be set back by.
  private static let maxStep: Int64 = 315_360_000_000
}
