import Foundation
import Testing

@testable import Lab

extension RealServers {
  /// Run where scripts/lib/install.sh has fetched the servers: `fetch_servers valkey-9.1 DIRECTORY`.
  @Suite("Other servers than Debian's Redis 7.0")
  struct OtherServers {
    /// Directories that the variable `LAB_SERVERS` lists, separated by colons.
    static let directories = (ProcessInfo.processInfo.environment["LAB_SERVERS"] ?? "")
      .split(separator: ":").map(String.init)

    @Test(arguments: directories)
    func `The VIP follows them too`(directory: String) throws {
      try RealServers.withDaemons({ $0.serverDirectory = directory }) { trial in
        try trial.awaitTakeover(after: trial.lab.kill(.redis(trial.group.name), on: 1))
      }
    }
  }
}
