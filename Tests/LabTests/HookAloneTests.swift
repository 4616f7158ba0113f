import Testing

@testable import Lab

extension RealServers {
  @Suite("The hook alone, without a daemon")
  struct HookAlone {
    private func withHook(_ body: (Laboratory, GroupPlan) throws -> Void) throws {
      try RealServers.withLab {
        $0.agent = .hook(
          path: Laboratory.neighbour("vipd-reconfig"), daemon: Laboratory.neighbour("vipd"))
        $0.extraConfiguration = ["daemonless yes"]
        // No lease to keep, so the least time that Sentinel doesn't flap at.
        $0.downAfterMilliseconds = 2000
      } _: { lab in
        try body(lab, try lab.group())
      }
    }

    /// No daemon renews anything, so the VIP must be there long after the hook has ended.
    private func staysWhereItIs(_ lab: Laboratory, _ group: GroupPlan) throws {
      let holders = try lab.holders(of: group.firstAddress)
      pause(milliseconds: 8000)
      #expect(try lab.holders(of: group.firstAddress) == holders)
    }

    @Test func `A killed master's VIP is brought to the new master, and taken from the old host`()
      throws
    {
      try withHook { lab, group in
        try lab.kill(.redis(group.name), on: 1)
        try waitUntil("a new master with the VIP", timeoutMilliseconds: 30_000) {
          () throws(LabError) in
          guard let master = try lab.master(of: group), master != 1 else { return false }
          return try lab.holders(of: group.firstAddress) == [master]
        }
        try staysWhereItIs(lab, group)
      }
    }

    @Test func `A forced failover moves the VIP`() throws {
      try withHook { lab, group in
        try lab.failover(group, by: 2)
        try waitUntil("a new master with the VIP", timeoutMilliseconds: 40_000) {
          () throws(LabError) in
          guard let master = try lab.master(of: group), master != 1 else { return false }
          return try lab.holders(of: group.firstAddress) == [master]
        }
        try staysWhereItIs(lab, group)
      }
    }
  }
}
