import Testing

@testable import Lab

extension RealServers {
  /// Each row of what must not take the address away; several labs at a time, for rows mostly wait.
  @Suite("A dirty world")
  struct DirtyWorld {
    @Test func `Backups attach without a port, and nothing comes of it`() {
      expect([.backup, .backupFenced])
    }

    @Test func `Sentinels that are not, or are twice, are told, and one may be forgotten`() {
      expect([.phantomForgotten, .phantomReset, .clonedID, .monitoredAddress])
    }

    @Test func `Names are asked for again, and nobody waits for a name server`() {
      expect([.lateNames, .deadFirstAddress, .silentNameServer])
    }

    @Test func `Clocks that are set cost nothing, and are told`() {
      expect([.sentinelClockBack, .twoSentinelClocksBack, .holderClockAhead])
    }

    @Test func `What a Sentinel refuses is told in its own words`() {
      expect([.protectedSentinel, .fullSentinel, .noSubscription])
    }

    @Test func `A lost carrier is told, and a fenced master moves away from it`() {
      expect([.carrierLost, .carrierMoved])
    }

    @Test func `An address that is there already is taken over without a gap`() {
      expect([.adoptedSubnet, .adoptedHost, .foreignAnswer])
    }

    @Test func `First files of Sentinel do not take the address away, nor give it to two`() {
      expect([.firstConfiguration, .firstConfigurationFenced, .loopbackMonitor])
    }

    /// Runs rows, again and told where the machine was too busy, and expects all to be right.
    private func expect(_ rows: [DirtyRow]) {
      let programs = DirtyPrograms(
        vipd: Laboratory.neighbour("vipd"), vipctl: Laboratory.neighbour("vipctl"),
        client: Laboratory.neighbour("lab-client"))
      var outcomes = DirtyRow.run(rows, programs)
      let disturbed = outcomes.filter { $0.disturbance != nil && !$0.failures.isEmpty }
      if !disturbed.isEmpty {
        let text = disturbed.map(\.text).joined(separator: "\n")
        Issue.record("done again, since the machine was too busy: \(text)", severity: .warning)
        outcomes.removeAll { $0.disturbance != nil && !$0.failures.isEmpty }
        outcomes += DirtyRow.run(disturbed.map(\.row), programs, labs: 1)
      }
      for outcome in outcomes { #expect(outcome.failures.isEmpty, "\(outcome.text)") }
    }
  }
}
