import FailoverCore

extension LocalRole {
  /// `master` or `replica`.
  package var word: String {
    switch self {
    case .master: "master"
    case .replica: "replica"
    }
  }
}

extension InstanceFlags {
  /// The flags as Sentinel writes them.
  package var words: String {
    InstanceFlags.names.filter { contains($0.flag) }.map(\.word.description).joined(separator: ",")
  }
}
