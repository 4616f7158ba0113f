import FailoverCore

extension String {
  /// The fields of an `INFO` reply, in their order (`server.c genRedisInfoString`).
  ///
  /// `INFO replication`, which is asked for ten times a second, is read as bytes: `ReplicationInfo`.
  var infoFields: [(name: Substring, value: Substring)] {
    split(whereSeparator: \.isNewline).compactMap { line in
      let parts = line.split(separator: ":", maxSplits: 1)
      return parts.count == 2 ? (parts[0], parts[1]) : nil
    }
  }
}

extension LocalIdentity {
  /// Reads the text of the INFO sections `server`, `persistence`, `replication` and `keyspace`; nothing
  /// without a run id and an offset.
  init?(info: String) {
    let fields = Dictionary(info.infoFields.map { ($0.name, $0.value) }) { first, _ in first }
    guard let process = fields["run_id"], !process.isEmpty,
      let offset = fields["master_repl_offset"].flatMap({ UInt64($0) })
    else { return nil }
    self.init(
      process: String(process.prefix(64)), isLoading: fields["loading"] == "1", offset: offset,
      keys: info.keyCount,
      isLinkUp: fields["role"] != "slave" || fields["master_link_status"] == "up",
      base: Self.base(fields))
  }

  /// Where the stream of before ends; `second_repl_offset` is the first byte that is not of it, and -1 where
  /// there was none (`replication.c shiftReplicationId`).
  private static func base(_ fields: [Substring: Substring]) -> ReplicationPoint? {
    guard let stream = fields["master_replid2"].flatMap({ String($0).replicationStream }),
      let next = fields["second_repl_offset"].flatMap({ UInt64($0) }), next > 0
    else { return nil }
    return ReplicationPoint(stream: stream, offset: next - 1)
  }
}

extension String {
  /// Whether systemd started who says this in `INFO server`; nil where that isn't said.
  var isRunBySystemd: Bool? {
    infoFields.first { $0.name == "process_supervised" }.map { $0.value == "systemd" }
  }

  /// The stream of replication that `INFO replication` names.
  var masterStream: String? {
    infoFields.first { $0.name == "master_replid" }.flatMap { String($0.value).replicationStream }
  }

  /// This as a replication id: 40 hexadecimal digits, and not the zeros that stand for none
  /// (`replication.c clearReplicationId2`).
  fileprivate var replicationStream: String? {
    let isOne = utf8.count == 40 && allSatisfy(\.isHexDigit) && contains { $0 != "0" }
    return isOne ? self : nil
  }

  /// The keys of all databases in the text of `INFO keyspace`: `db0:keys=5000,expires=0,avg_ttl=0`.
  var keyCount: UInt64 {
    infoFields.reduce(0) { sum, field in
      guard field.name.hasPrefix("db"), Int(field.name.dropFirst(2)) != nil,
        let keys = field.value.split(separator: ",").first(where: { $0.hasPrefix("keys=") })
      else { return sum }
      return sum &+ (UInt64(keys.dropFirst(5)) ?? 0)
    }
  }
}
