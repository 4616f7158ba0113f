import Addresses

/// One `sentinel` line of the configuration, with the addresses that its name has now.
struct SentinelLine: Equatable {
  /// The line's host and port, for people.
  let text: String
  /// The group that it is asked about; nil for all that name no Sentinels of their own.
  let masterName: String?
  /// Where it is reached; more than one if its name has several addresses, which may be one Sentinel
  /// or several, and none while its name is not resolved.
  let endpoints: [Endpoint]

  /// Whether it stands for a group, given the groups that have lines of their own.
  func concerns(_ name: String, _ ownLines: Set<String>) -> Bool {
    masterName.map { $0 == name } ?? !ownLines.contains(name)
  }
}
