import FailoverCore

/// What the link to a Sentinel tells the directory.
enum SentinelLinkReport {
  /// It is connected, subscribed, and has named itself.
  case connected(runID: String)
  /// It told about itself: which process it is, above all.
  case identified
  /// It is lost, or could not be reached; the text is for the log.
  case lost(ConnectionLoss, String)
  /// It answered the poll of a group; what could not be used of the answer is left out of it.
  case replied(
    masterName: String, SentinelView, flaws: [SentinelReplyDecoder.Flaw], sentAt: Instant)
  /// It does not monitor a group.
  case lacksMaster(String, sentAt: Instant)
  /// It published something; for every group if none is named.
  case hinted(masterName: String?, SentinelHint)
  /// It listed the other Sentinels of a group.
  case listed(masterName: String, [ListedSentinel], sentAt: Instant)
  /// It was asked about itself, for a move; nothing if it did not answer.
  case inspected(masterName: String, SentinelInspection?, sentAt: Instant)
  /// It was told to fail over.
  case failoverAnswered(masterName: String, FailoverAnswer)
  /// It sent something that can't be used; the text is for the log.
  case sentNonsense(masterName: String, String)
  /// It names an instance by a host name that must be resolved first.
  case needsAddress(host: String)
}
