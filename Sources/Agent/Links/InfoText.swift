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
