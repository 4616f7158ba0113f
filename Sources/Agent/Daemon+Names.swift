import Addresses
import Configuration
import FailoverCore
import Links

/// The names in `sentinel` lines.
extension Daemon {
  /// The lines of the configuration, each with the addresses that are known by now.
  ///
  /// For a group of which no line is resolved a line more, with the Sentinels that were known before
  /// the daemon was started: a name server that is down takes no address away.
  var sentinelLines: [SentinelLine] {
    let lines = resolvedLines
    let ownLines = Set(lines.compactMap(\.masterName))
    let known = groups.compactMap { group -> SentinelLine? in
      let name = group.masterName
      guard let endpoints = rememberedSentinels[name], !endpoints.isEmpty,
        !lines.contains(where: { $0.concerns(name, ownLines) && !$0.endpoints.isEmpty })
      else { return nil }
      let masterName = ownLines.contains(name) ? name : nil
      return SentinelLine(text: "remembered", masterName: masterName, endpoints: endpoints)
    }
    return lines + known
  }

  private var resolvedLines: [SentinelLine] {
    loaded.configuration.sentinels.map { sentinel in
      let addresses =
        switch sentinel.host {
        case .address(let address): [address]
        case .name(let name): resolver.addresses(of: name)
        }
      return SentinelLine(
        text: sentinel.description, masterName: sentinel.masterName,
        endpoints: addresses.map { Endpoint(address: $0, port: sentinel.port) })
    }
  }

  /// The names, each once.
  var sentinelNames: [String] {
    Self.names(in: loaded.configuration.sentinels)
  }

  /// The names of a group's Sentinels that can't be resolved, each with the reason.
  func unresolvedSentinels(of masterName: String) -> [(host: String, reason: String)] {
    resolver.problems(of: Self.names(in: loaded.configuration.sentinels(of: masterName)))
  }

  /// Asks for the names that are due, and for those under which somebody is out of contact.
  func followNames(at now: Instant) {
    guard resolver.hasConfigured else { return }
    resolver.tick(at: now)
    let lost = Set(sentinels.filter { !$0.isConnected }.map(\.id))
    guard !lost.isEmpty else { return }
    for sentinel in loaded.configuration.sentinels {
      guard case .name(let name) = sentinel.host else { continue }
      let endpoints = resolver.addresses(of: name).map {
        Endpoint(address: $0, port: sentinel.port)
      }
      if !lost.isDisjoint(with: endpoints) { resolver.refresh(name) }
    }
  }

  private static func names(in sentinels: [SentinelAddress]) -> [String] {
    var seen: Set<String> = []
    return sentinels.compactMap { sentinel in
      guard case .name(let name) = sentinel.host, seen.insert(name).inserted else { return nil }
      return name
    }
  }
}
