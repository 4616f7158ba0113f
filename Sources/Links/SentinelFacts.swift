import RESP

/// What a Sentinel says of itself (`INFO`); nil for what it does not tell.
package struct SentinelFacts: Equatable {
  /// `run_id`: drawn anew at each start of the process, unlike the id by which Sentinels know it; so
  /// it tells two processes with one copied `sentinel myid` apart.
  var processID: String?
  /// `redis_version`, or `valkey_version` where there is one.
  package var version: String?
  /// Whether it is in TILT: it takes part in no failover.
  package var isTilted: Bool?
  /// By how much its wall clock is ahead of this host's (`server_time_usec`), the way of the answer
  /// included.
  package var clockOffset: Duration?

  init() {}

  /// Reads the answer of `INFO`.
  init(_ token: RESPToken, wallNanoseconds: Int64) {
    guard token.errorText == nil, let text = token.text else { return }
    for field in text.infoFields {
      let value = String(field.value.prefix(64))
      switch field.name {
      case "run_id": processID = value
      case "redis_version": version = version ?? value
      case "valkey_version": version = value
      case "sentinel_tilt": isTilted = value != "0"
      case "server_time_usec":
        clockOffset = Int64(value).map { .microseconds($0) - .nanoseconds(wallNanoseconds) }
      default: break
      }
    }
  }
}
