import Addresses

/// What `setup` and `doctor` both find, in the same words.
enum ServerWords {
  /// A group with fewer than three Sentinels.
  static func fewSentinels(_ count: Int) -> SetupRemark {
    SetupRemark(
      text: "there \(count == 1 ? "is one Sentinel" : "are \(count) Sentinels"): none may fail",
      remedy: "three on three hosts")
  }

  /// A quorum that is no majority.
  static func lowQuorum(_ quorum: Int, of count: Int, master: String) -> SetupRemark {
    SetupRemark(
      text: "the quorum \(quorum) is no majority of \(count) Sentinels",
      remedy: "SENTINEL SET \(master) quorum \(count / 2 + 1), on each")
  }

  /// A Redis that does not listen at an address, or not always.
  static func deaf(_ redis: RedisFacts, at address: IPAddress) -> String {
    redis.binds(address)
      ? "Redis \(redis.node) listens at \(address) only if that is there when it starts"
      : "Redis \(redis.node) does not listen at \(address), but at: "
        + (redis.bind ?? []).joined(separator: " ")
  }

  /// A Redis that serves its own host alone.
  static func protected(_ node: ServerNode) -> String {
    "Redis \(node) is in protected mode: without a password it serves this host's loopback alone"
  }
}

extension RedisFacts {
  /// Whether `bind` names an address.
  func binds(_ address: IPAddress) -> Bool {
    (bind ?? []).contains { IPAddress($0.drop { $0 == "-" }) == address }
  }

  /// Whether it listens at an address, also once that comes while it runs; `bindsNonlocal` where
  /// programs may listen at addresses that are not there.
  func listens(at address: IPAddress, bindsNonlocal: Bool) -> Bool {
    // Before 6.2 no line meant all addresses.
    guard let bind, !bind.isEmpty else { return true }
    let addresses = bind.map { $0.hasPrefix("-") ? String($0.dropFirst()) : $0 }
    let all: Set<String> =
      if case .v4 = address { ["*", "0.0.0.0"] } else { ["::*", "::", "::0"] }
    return addresses.contains(where: all.contains) || bindsNonlocal && binds(address)
  }
}
