import FailoverCore
import RESP

/// The fields of one instance in a Sentinel's reply that anybody here asks for.
struct InstanceFields {
  var host: String?
  var port: Int64?
  var runID: String?
  var flags: InstanceFlags?
  var failoverState: SentinelView.FailoverState?
  var lastOkPingReply: Int64?
  var downAfter: Int64?
  var failoverTimeout: Int64?
  var configEpoch: Int64?
  var quorum: Int64?
  var otherSentinels: Int64?
  var priority: Int64?
  var roleReported: String?
  var lastHello: Int64?
  var replicaOffset: Int64?

  /// Reads names and values by turns, from a flat array or a map.
  init(_ token: RESPToken) throws(SentinelReplyError) {
    guard var elements = token.elements else {
      throw .nonsense("an instance is not a list of fields")
    }
    while let name = elements.next(), let value = elements.next() {
      if let name = name.payload { take(name, value) }
    }
  }

  /// Takes a field whose name is known.
  ///
  /// Some hundred fields arrive with each poll, so the length of the name tells most apart.
  private mutating func take(_ name: ArraySlice<UInt8>, _ value: RESPToken) {
    switch name.count {
    case 2 where name.spells("ip"): host = value.text
    case 4 where name.spells("port"): port = value.integer
    case 5 where name.spells("runid"): runID = value.text
    case 5 where name.spells("flags"): flags = InstanceFlags(field: value.payload ?? [])
    case 6 where name.spells("quorum"): quorum = value.integer
    case 12 where name.spells("config-epoch"): configEpoch = value.integer
    case 13 where name.spells("role-reported"): roleReported = value.text
    case 14 where name.spells("slave-priority"): priority = value.integer
    case 14 where name.spells("failover-state"):
      // A state that is not known is at least a failover under way.
      failoverState = value.text.map { .init(rawValue: $0) ?? .waitStart }
    case 16 where name.spells("failover-timeout"): failoverTimeout = value.integer
    case 17 where name.spells("slave-repl-offset"): replicaOffset = value.integer
    case 18 where name.spells("last-ok-ping-reply"): lastOkPingReply = value.integer
    case 18 where name.spells("last-hello-message"): lastHello = value.integer
    case 19 where name.spells("num-other-sentinels"): otherSentinels = value.integer
    case 23 where name.spells("down-after-milliseconds"): downAfter = value.integer
    default: break
    }
  }
}

extension InstanceFlags {
  /// Reads the comma-separated field.
  ///
  /// Some fifty come each second from three Sentinels, so no text is made of it.
  init(field: ArraySlice<UInt8>) {
    self = []
    var rest = field
    while !rest.isEmpty {
      let word = rest.prefix { $0 != UInt8(ascii: ",") }
      for known in InstanceFlags.names where word.spells(known.word) { insert(known.flag) }
      rest = rest.dropFirst(word.count + 1)
    }
  }
}

extension ArraySlice<UInt8> {
  /// Whether these bytes spell a word.
  func spells(_ word: StaticString) -> Bool {
    count == word.utf8CodeUnitCount && word.withUTF8Buffer { unsafe elementsEqual($0) }
  }
}
