import Foundation
import Testing

@testable import Lab

/// What `vipctl history --json` tells, as far as it is about self-checks.
private struct ToldHistory: Decodable {
  struct Entry: Decodable {
    var kind: String
    var checked: String?
    var afterMs: Int64?
    var by: String?
    var mac: String?
  }
  var entries: [Entry]
}

extension RealServers {
  @Suite("After a take, others look whether the VIP answers")
  struct SelfChecks {
    @Test(arguments: [AddressFamily.version4, .version6])
    func `The history tells who reached the VIP, when, and at whose hardware address`(
      family: AddressFamily
    ) throws {
      try RealServers.withDaemons({ if family == .version6 { $0.useVersion6() } }) { trial in
        let redis = Part.redis(trial.group.name)
        let promotion = try trial.awaitTakeover(after: trial.lab.kill(redis, on: 1))
        var found: ToldHistory.Entry?
        try waitUntil("the history to tell of an answer", timeoutMilliseconds: 10_000) {
          () throws(LabError) in
          found = try entries(of: trial.lab, on: promotion.host).last { $0.kind != "transition" }
          return found?.kind == "answered"
        }
        let entry = try #require(found)
        #expect(entry.checked == "outside")
        // The daemon of host 1 is deaf without its Redis, so the third one looked.
        let looker = try trial.lab.host(6 - 1 - promotion.host)
        #expect(entry.by?.contains(looker.address(family)) == true, "\(entry)")
        let after = try #require(entry.afterMs)
        #expect((0...3_500).contains(after))
        let announcement = try #require(
          trial.observation.recording.announcements.last {
            $0.address == trial.group.firstAddress && $0.stamp > promotion.stamp
          })
        #expect(entry.mac == announcement.hardwareAddress)
      }
    }
  }
}

/// The entries that a host's daemon keeps.
private func entries(of lab: Laboratory, on host: Int) throws(LabError) -> [ToldHistory.Entry] {
  let (_, output) = try lab.vipctl(
    Laboratory.neighbour("vipctl"), on: host, ["history", "--json"])
  let told = try? JSONDecoder().decode(ToldHistory.self, from: Data(output.utf8))
  return told?.entries ?? []
}
