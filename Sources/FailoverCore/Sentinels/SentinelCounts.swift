/// N, m, q and k: the numbers that the rules speak of.
struct SentinelCounts: Equatable, Sendable {
  /// N: how many Sentinels there are.
  let sentinels: Int
  /// m: more than half of them.
  let majority: Int
  /// q: so many must agree before a master is objectively down.
  let quorum: Int
  /// k = max(m, N − q + 1): so many must confirm that no q others can agree on its death.
  let confirmations: Int
  /// N − m + 1: without so many there is no majority.
  var blocking: Int { sentinels - majority + 1 }

  /// Counts as Sentinel counts (`sentinel.c sentinelGetLeader`).
  ///
  /// N is at least 1. The quorum is the least that any Sentinel reports, brought into 1...N; the
  /// majority if none does.
  init(sentinels: Int, quorum reported: Int?) {
    self.sentinels = sentinels
    majority = sentinels / 2 + 1
    quorum = min(max(reported ?? majority, 1), sentinels)
    confirmations = max(majority, sentinels - quorum + 1)
  }
}
