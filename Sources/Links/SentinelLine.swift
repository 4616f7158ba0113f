package import Addresses

/// One `sentinel` line of the configuration, with the addresses that its name has now.
package struct SentinelLine: Equatable {
  /// The line's host and port, for people.
  package let text: String
  /// The group that it is asked about; nil for all that name no Sentinels of their own.
  package let masterName: String?
  /// Where it is reached; more than one if its name has several addresses, which may be one Sentinel
  /// or several, and none while its name is not resolved.
  package let endpoints: [Endpoint]

  package init(text: String, masterName: String?, endpoints: [Endpoint]) {
    self.text = text
    self.masterName = masterName
    self.endpoints = endpoints
  }

  /// Whether it stands for a group, given the groups that have lines of their own.
  package func concerns(_ name: String, _ ownLines: Set<String>) -> Bool {
    masterName.map { $0 == name } ?? !ownLines.contains(name)
  }
}
