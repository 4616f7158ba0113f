import Addresses

/// One `sentinel` line of the configuration, with the addresses that its name has now.
struct SentinelLine: Equatable {
  /// The line as an operator wrote it: `10.77.0.1:26379`, or a name and a port.
  let text: String
  /// The group for which alone it stands; nil for every group that has no line of its own.
  let masterName: String?
  /// Where it may be reached; empty while its name is not resolved.
  let endpoints: [Endpoint]

  /// Whether it stands for a group, given the groups that have lines of their own.
  func concerns(_ name: String, _ ownLines: Set<String>) -> Bool {
    masterName.map { $0 == name } ?? !ownLines.contains(name)
  }
}
