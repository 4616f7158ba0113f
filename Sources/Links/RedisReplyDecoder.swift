package import Addresses
package import FailoverCore
package import RESP

/// Reads the replies of a Redis that matter here.
package struct RedisReplyDecoder {
  /// Turns a host name into an address if that is known by now.
  var resolve: (String) -> IPAddress?

  package init(resolve: @escaping (String) -> IPAddress?) {
    self.resolve = resolve
  }

  /// Reads the answer of ROLE (`replication.c roleCommand`); nothing if it is none.
  package func role(_ token: RESPToken) -> LocalRole? {
    guard var elements = token.elements, let role = elements.next() else { return nil }
    if role.reads("master") { return .master }
    guard role.reads("slave"), let host = elements.next()?.text, let port = elements.next()?.integer
    else { return nil }
    return .replica(of: endpoint(host: host, port: port))
  }

  /// Reads the answer of `INFO replication`; nothing if it is no text.
  func replication(_ token: RESPToken) -> ReplicationInfo? {
    guard !token.isError, let text = token.payload else { return nil }
    return ReplicationInfo(text, resolve: resolve)
  }

  /// Reads the answer of `CONFIG GET min-replicas-*`; nothing if it does not tell both.
  func fence(_ token: RESPToken) -> FenceSetting? {
    guard var elements = token.elements else { return nil }
    var replicas: Int64?
    var lag: Int64?
    while let name = elements.next(), let value = elements.next() {
      if name.reads("min-replicas-to-write") { replicas = value.integer }
      if name.reads("min-replicas-max-lag") { lag = value.integer }
    }
    // Redis takes 0 to the greatest Int32 for both (config.c).
    let range = 0...Int64(Int32.max)
    guard let replicas, let lag, range.contains(replicas), range.contains(lag) else { return nil }
    return FenceSetting(minReplicas: Int(replicas), maxLagSeconds: Int(lag))
  }

  private func endpoint(host: String, port: Int64) -> Endpoint? {
    guard let port = UInt16(exactly: port), port > 0, let address = IPAddress(host) ?? resolve(host)
    else { return nil }
    return Endpoint(address: address, port: port)
  }
}
