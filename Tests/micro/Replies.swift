import RESP

/// What a Sentinel of Redis 7.0 answers about a healthy group, field by field.
enum Replies {
  /// What of an answer changes when a failover begins.
  struct Change {
    var flags = "master"
    var failoverState: String?
    var epoch = 1
  }

  /// The answer of `SENTINEL MASTER`.
  static func master(
    name: String, address: String, port: Int, replicas: Int, change: Change = Change(),
    _ writer: inout RESPWriter
  ) {
    let state = change.failoverState.map { [("failover-state", $0)] } ?? []
    fields(
      [
        ("name", name), ("ip", address), ("port", "\(port)"), ("runid", runID),
        ("flags", change.flags),
        ("link-pending-commands", "0"), ("link-refcount", "1"), ("last-ping-sent", "0"),
        ("last-ok-ping-reply", "217"), ("last-ping-reply", "217"),
        ("down-after-milliseconds", "3000"), ("info-refresh", "6703"), ("role-reported", "master"),
        ("role-reported-time", "16812"), ("config-epoch", "\(change.epoch)"),
        ("num-slaves", "\(replicas)"),
        ("num-other-sentinels", "2"), ("quorum", "2"), ("failover-timeout", "180000"),
        ("parallel-syncs", "1"),
      ] + state, &writer)
  }

  /// The answer of `SENTINEL REPLICAS`.
  static func replicas(
    of master: String, port: Int, addresses: [String], promoted: String? = nil,
    _ writer: inout RESPWriter
  ) {
    writer.array(count: addresses.count)
    for address in addresses {
      fields(
        [
          ("name", "\(address):\(port)"), ("ip", address), ("port", "\(port)"), ("runid", runID),
          ("flags", address == promoted ? "slave,promoted" : "slave"),
          ("link-pending-commands", "0"), ("link-refcount", "1"),
          ("last-ping-sent", "0"), ("last-ok-ping-reply", "360"), ("last-ping-reply", "360"),
          ("down-after-milliseconds", "3000"), ("info-refresh", "1682"),
          ("role-reported", "slave"), ("role-reported-time", "17073"),
          ("master-link-down-time", "0"), ("master-link-status", "ok"), ("master-host", master),
          ("master-port", "\(port)"), ("slave-priority", "100"), ("slave-repl-offset", "1922"),
          ("replica-announced", "1"),
        ], &writer)
    }
  }

  private static let runID = "88411ed64d21e798527921e8b06eef8592fb5dc3"

  private static func fields(_ fields: [(String, String)], _ writer: inout RESPWriter) {
    writer.map(count: fields.count)
    for (name, value) in fields {
      writer.bulkString(name)
      writer.bulkString(value)
    }
  }
}
