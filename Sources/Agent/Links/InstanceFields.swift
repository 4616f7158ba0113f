import FailoverCore
import RESP

/// The fields of one instance in a Sentinel's reply that anybody here asks for.
struct InstanceFields {
  var host: String?
  var port: Int64?
  var runID: String?
  var flags: InstanceFlags = []
  var failoverState: SentinelView.FailoverState?
  var lastOkPingReply: Int64?
  var downAfter: Int64?
  var failoverTimeout: Int64?
  var configEpoch: Int64?
  var quorum: Int64?
  var otherSentinels: Int64?
  var priority: Int64?

  /// Reads names and values by turns, from a flat array or a map.
  init(_ token: RESPToken) throws(SentinelReplyError) {
    guard var elements = token.elements else {
      throw .nonsense("an instance is not a list of fields")
    }
    while let name = elements.next(), let value = elements.next() {
      take(name, value)
    }
  }

  private mutating func take(_ name: RESPToken, _ value: RESPToken) {
    if name.reads("ip") {
      host = value.text
    } else if name.reads("port") {
      port = value.integer
    } else if name.reads("runid") {
      runID = value.text
    } else if name.reads("flags") {
      flags = InstanceFlags(field: value.text ?? "")
    } else if name.reads("failover-state") {
      // A state that is not known is at least a failover under way.
      failoverState = value.text.map { .init(rawValue: $0) ?? .waitStart }
    } else if name.reads("last-ok-ping-reply") {
      lastOkPingReply = value.integer
    } else if name.reads("down-after-milliseconds") {
      downAfter = value.integer
    } else if name.reads("failover-timeout") {
      failoverTimeout = value.integer
    } else if name.reads("config-epoch") {
      configEpoch = value.integer
    } else if name.reads("quorum") {
      quorum = value.integer
    } else if name.reads("num-other-sentinels") {
      otherSentinels = value.integer
    } else if name.reads("slave-priority") {
      priority = value.integer
    }
  }
}
