/// What the user of `vipd` must be allowed, where Redis and Sentinel have users.
///
/// The one source: a test holds that `docs/operations.md` has these lines, which were tried on Redis
/// 6.2, 7.0 and Valkey 9.1.
enum AccessRights {
  /// For Redis with a fence, on every host.
  static func redis(user: String = "vipd", hasFence: Bool) -> String {
    let fence = hasFence ? " +config|set +config|rewrite +replicaof +client|kill +multi +exec" : ""
    return "ACL SETUSER \(user) on >PASSWORD resetchannels &__vipd__:* +role +info +publish "
      + "+subscribe +config|get" + fence
  }

  /// The commands of ``redis(user:hasFence:)``, each with arguments, to be tried without doing them.
  static func redisCommands(channel: String, hasFence: Bool) -> [[String]] {
    let plain = [
      ["ROLE"], ["INFO"], ["PUBLISH", channel, "x"], ["SUBSCRIBE", channel],
      ["CONFIG", "GET", "bind"],
    ]
    let fence = [
      ["CONFIG", "SET", "min-replicas-to-write", "0"], ["CONFIG", "REWRITE"],
      ["REPLICAOF", "NO", "ONE"], ["CLIENT", "KILL", "TYPE", "normal"], ["MULTI"], ["EXEC"],
    ]
    return hasFence ? plain + fence : plain
  }

  /// For Sentinel, 7.0 and later, on every host.
  static func sentinel(user: String = "vipd") -> String {
    "ACL SETUSER \(user) on >PASSWORD allchannels +ping +subscribe +sentinel|get-master-addr-by-name "
      + "+sentinel|master +sentinel|replicas +sentinel|sentinels +sentinel|myid +info "
      + "+sentinel|failover +sentinel|ckquorum"
  }
}
