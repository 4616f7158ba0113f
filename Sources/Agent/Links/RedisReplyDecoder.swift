import Addresses
import FailoverCore
import RESP

/// Reads the replies of a Redis that matter here.
struct RedisReplyDecoder {
  /// Turns a host name into an address if that is known by now.
  var resolve: (String) -> IPAddress?

  /// Reads the answer of ROLE (`replication.c roleCommand`); nothing if it is none.
  func role(_ token: RESPToken) -> LocalRole? {
    guard var elements = token.elements, let role = elements.next() else { return nil }
    if role.reads("master") { return .master }
    guard role.reads("slave"), let host = elements.next()?.text, let port = elements.next()?.integer
    else { return nil }
    return .replica(of: endpoint(host: host, port: port))
  }

  /// Reads the replicas in the answer of `INFO replication` whose last word is at most a second
  /// old (`replication.c`, `lag` in whole seconds).
  func acknowledgingReplicas(_ token: RESPToken) -> [Endpoint]? {
    guard let text = token.text else { return nil }
    var replicas: [Endpoint] = []
    for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix("slave") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      var fields: [Substring: Substring] = [:]
      for field in line[line.index(after: colon)...].split(separator: ",") {
        let parts = field.split(separator: "=", maxSplits: 1)
        if parts.count == 2 { fields[parts[0]] = parts[1] }
      }
      guard let host = fields["ip"], let port = fields["port"].flatMap({ Int64($0) }),
        fields["state"] == "online", let lag = fields["lag"].flatMap({ Int($0) }), (0...1) ~= lag,
        let endpoint = endpoint(host: String(host), port: port)
      else { continue }
      replicas.append(endpoint)
    }
    return replicas
  }

  private func endpoint(host: String, port: Int64) -> Endpoint? {
    guard let port = UInt16(exactly: port), port > 0, let address = IPAddress(host) ?? resolve(host)
    else { return nil }
    return Endpoint(address: address, port: port)
  }
}
