import ControlProtocol
import Foundation
import Testing

@testable import vipctl

/// A healthy holder, as the daemon's JSON has it.
let holderJSON = """
  {"schema":1,"version":"0.1.0","node":"h1","groups":[{"master":"mymaster","state":"holding",
  "reason":"3 of 3 Sentinels name this node in epoch 12, and the old holder is gone",
  "reasonLabel":"named-by-majority",
  "vips":[{"address":"10.77.0.100","interface":"eth0","present":true},
          {"address":"fd77::100","interface":"eth0","present":true}],
  "local":{"address":"10.77.0.1:6379","role":"master"},
  "named":{"address":"10.77.0.1:6379","configEpoch":12,"by":3,"of":3},
  "lease":{"basis":"sentinels","remainingMs":2140},
  "fence":{"state":"off","minReplicas":null,"maxLag":null},
  "guarantee":"strict","guaranteeLosses":[],"toleratedSentinelLosses":1,
  "since":"2026-11-21T06:25:07.123Z","pausedUntil":null,"kernelRemainingMs":3100,
  "blindPolicy":"release","holder":"10.77.0.1:6379","obstacles":[],"fromTheFuture":{"x":1},
  "sentinels":[
   {"address":"10.77.0.1:26379","connected":true,"loss":null,"names":"10.77.0.1:6379",
    "configEpoch":12,"provenMsAgo":100,"confirmsForMs":2140,"flags":"master"},
   {"address":"10.77.0.2:26379","connected":true,"names":"10.77.0.1:6379","configEpoch":12,
    "confirmsForMs":0,"flags":"s_down,master"}]}]}
  """

/// A holder's report, changed by a test.
func report(_ change: (inout StatusDocument.Group) -> Void = { _ in }) throws -> StatusDocument {
  var report = try JSONDecoder().decode(StatusDocument.self, from: Data(holderJSON.utf8))
  change(&report.groups[0])
  return report
}

@Suite struct StatusTextTests {
  @Test func `A holder's status says who, where and why, in columns`() throws {
    #expect(
      StatusText(style: .plain).text(try report()) == """
        mymaster  HOLDING: the address is on this host
          address    10.77.0.100 on eth0: here
                     fd77::100 on eth0: here
          why        3 of 3 Sentinels name this node in epoch 12, and the old holder is gone, \
        since 2026-11-21T06:25:07.123Z
          redis      10.77.0.1:6379, a master
          master     10.77.0.1:6379, named by 3 of 3 Sentinels in epoch 12
          lease      2.1 s left, confirmed by Sentinels; the kernel removes the address in 3.1 s \
        if vipd dies
          guarantee  strict: never on two hosts; 1 Sentinel may fail

          SENTINEL         NAMES           EPOCH  CONFIRMS THIS NODE
          10.77.0.1:26379  10.77.0.1:6379  12     for 2.1 s
          10.77.0.2:26379  10.77.0.1:6379  12     no longer (s_down)

        """)
    #expect(try report().groups[0].concerns.isEmpty)
  }

  @Test func `What is done about a dead master is a row`() throws {
    let dead = try report { group in
      group.local.role = nil
      group.death = "the local master is dead; Sentinel 10.77.0.2:26379 was told to fail over"
    }
    #expect(
      StatusText(style: .plain).text(dead).contains(
        """
          redis      10.77.0.1:6379, does not answer
          death      the local master is dead; Sentinel 10.77.0.2:26379 was told to fail over

        """))
  }

  @Test func `Whether the address answers is a row, or a concern if it does not`() throws {
    let good = try report { group in
      group.selfCheck = .init(result: "outside", text: "10.77.0.3:6379 reached the address now")
    }
    #expect(good.groups[0].concerns.isEmpty)
    #expect(
      StatusText(style: .plain).text(good).contains(
        "  answers    10.77.0.3:6379 reached the address now\n"))
    for result in ["failed", "foreign-mac", "of-the-future"] {
      let bad = try report { $0.selfCheck = .init(result: result, text: "nothing answers") }
      #expect(bad.groups[0].concerns == ["self-check: nothing answers"])
      #expect(
        StatusText(style: .plain).text(bad).contains("  ! self-check: nothing answers\n"))
    }
  }

  @Test func `A standby's status says who holds, and what is missing here`() throws {
    let report = try report { group in
      group.state = "standby"
      group.lease = .init(basis: "none", remainingMs: nil)
      group.vips = [.init(address: "10.77.0.100", interface: "eth0", present: false)]
      group.local.role = "replica"
      group.holder = "10.77.0.2:6379"
      group.named?.address = "10.77.0.2:6379"
      group.obstacles = ["the local Redis is a replica", "1 of 3 Sentinels name this node"]
    }
    let text = StatusText(style: .plain).text(report)
    #expect(text.hasPrefix("mymaster  STANDBY: 10.77.0.2:6379 holds the address\n  address "))
    // Where another host holds, nothing is missing here; and the last change may be long ago.
    #expect(!text.contains("  missing "))
    #expect(text.contains("  why        Sentinel names 10.77.0.2:6379; last change: "))
    #expect(!text.contains("lease "))
    #expect(report.groups[0].concerns.isEmpty)
  }

  @Test func `Everything that needs attention is marked, and changes the exit status`() throws {
    let report = try report { group in
      group.state = "paused"
      group.pausedUntil = "resumed"
      group.lease.basis = "none"
      group.holder = nil
      group.local.role = nil
      group.sentinels[1].connected = false
      group.sentinels[1].loss = "refused"
    }
    #expect(
      report.groups[0].concerns == [
        "paused: this host takes no address and repairs nothing",
        "this host does not hold, and an address is on its interface",
        "no node is known to hold the address", "the local Redis does not answer",
        "1 of 2 Sentinels out of contact",
      ])
    let text = StatusText(style: .plain).text(report)
    #expect(text.contains("PAUSED: no holder is known\n  ! paused: this host takes"))
    #expect(text.contains("  paused     until resumed\n"))
    #expect(text.contains("10.77.0.2:26379  -               -      out of contact: refused"))
  }

  @Test func `The words of a server stand in the place of a code`() throws {
    let report = try report { group in
      group.local.role = nil
      group.problems = [.init(id: "redis-busy", text: "the local Redis refuses: BUSY")]
      group.sentinels[1].connected = false
      group.sentinels[1].loss = "closed"
      group.sentinels[1].lossText = "DENIED Redis is running in protected mode"
    }
    #expect(
      report.groups[0].concerns == [
        "the local Redis refuses: BUSY", "1 of 2 Sentinels out of contact",
      ])
    let text = StatusText(style: .plain).text(report)
    #expect(text.contains("out of contact: DENIED Redis is running in protected mode"))
  }

  @Test func `A fence is told with what it asks for, and what its state means`() throws {
    func rows(_ fence: StatusDocument.Fence) throws -> String {
      let text = StatusText(style: .plain).text(try report { $0.fence = fence })
      return text.split(separator: "\n").filter { $0.contains("  fence ") }.joined()
    }
    #expect(try rows(.init(state: "off")).isEmpty)
    #expect(
      try rows(.init(state: "armed", minReplicas: 2, maxLag: 1))
        == "  fence      armed: 2 replicas must acknowledge within 1 s, or Redis refuses writes")
    #expect(
      try rows(.init(state: "open", minReplicas: 0, maxLag: 1))
        == "  fence      open: no replica must acknowledge")
    #expect(
      try rows(.init(state: "closed", minReplicas: 1_000_000, maxLag: 1))
        == "  fence      closed: Redis refuses every write")
    #expect(try rows(.init(state: "half")) == "  fence      half: the setting is not known")
    let doubtful = StatusDocument.Fence(
      state: "armed", minReplicas: 1, maxLag: 3, doubt: "too long")
    let text = StatusText(style: .plain).text(try report { $0.fence = doubtful })
    #expect(text.contains("armed: 1 replica must acknowledge within 3 s, or Redis refuses"))
    #expect(text.contains("\n             too long\n"))
  }

  @Test func `A fence that protects less than it should is a concern, on a standby its problem`()
    throws
  {
    func concerns(_ fence: StatusDocument.Fence, holds: Bool = true) throws -> [String] {
      try report { group in
        group.fence = fence
        if !holds {
          group.lease.basis = "none"
          for place in group.vips.indices { group.vips[place].present = false }
        }
      }.groups[0].concerns
    }
    #expect(try concerns(.init(state: "armed", minReplicas: 2, maxLag: 1)).isEmpty)
    #expect(try concerns(.init(state: "open", minReplicas: 0, maxLag: 1)).isEmpty)
    let missing = ["10.77.0.2:6379", "10.77.0.3:6379"]
    let open = StatusDocument.Fence(state: "open", minReplicas: 0, maxLag: 1, missing: missing)
    #expect(
      try concerns(open) == [
        "fence: open without 10.77.0.2:6379, 10.77.0.3:6379; a write that is acknowledged now may "
          + "be lost with this host"
      ])
    #expect(try concerns(open, holds: false).isEmpty)
    var armed = open
    armed.state = "armed"
    #expect(try concerns(armed).map { $0.contains("Redis refuses writes") } == [true])
    let closed = StatusDocument.Fence(state: "closed", minReplicas: 1_000_000, maxLag: 1)
    #expect(try concerns(closed) == ["fence: closed, Redis refuses every write"])
    #expect(try concerns(closed, holds: false).isEmpty)
    let half = StatusDocument.Fence(state: "half", minReplicas: 2, maxLag: 1, problem: "no file")
    #expect(try concerns(half) == ["fence: no file"])
    #expect(try concerns(half, holds: false) == ["fence: no file"])
    #expect(try concerns(.init(state: "half")) == ["fence: not as it should be, or not known"])
  }

  @Test func `A paused holder isn't told to be without the address`() throws {
    let report = try report { $0.state = "paused" }
    #expect(StatusText(style: .plain).text(report).contains("PAUSED: the address is on this host"))
  }

  @Test func `A blind holder, a missing address and no Sentinel are concerns`() throws {
    let report = try report { group in
      group.state = "blind"
      group.vips[0].present = false
      group.sentinels = []
      group.local.address = nil
    }
    #expect(
      report.groups[0].concerns == [
        "blind: too few Sentinels confirm this node",
        "this host holds, and an address is missing on its interface",
        "no Sentinel names a Redis of this host", "no Sentinel is known",
      ])
  }

  @Test func `Why no Redis is this host's is told once`() throws {
    let report = try report { group in
      group.local.address = nil
      group.problems = [.init(id: "not-in-group", text: "no Sentinel names an instance here")]
    }
    #expect(report.groups[0].concerns == ["no Sentinel names an instance here"])
  }

  @Test(arguments: ["holding", "blind", "prepared", "yielding", "paused", "standby", "newborn"])
  func `Each state has a headline, also one that is not known`(state: String) throws {
    let text = StatusText(style: .coloured).text(try report { $0.state = state })
    #expect(text.contains(state.uppercased()))
    #expect(text.contains("\u{1b}["))
  }

  @Test(arguments: [
    (0, "0 ms"), (999, "999 ms"), (1000, "1.0 s"), (59_999, "59.9 s"), (310_000, "5 min 10 s"),
    (7_500_000, "2 h 5 min"),
  ])
  func `A span is as precise as a reader needs`(milliseconds: Int64, text: String) {
    #expect(TextStyle.span(milliseconds: milliseconds) == text)
  }

  @Test func `An old master that is no replica yet is not without a holder`() throws {
    let text = try report { group in
      group.state = "standby"
      group.lease = .init(basis: "none")
      group.holder = nil
      group.named?.address = "10.77.0.2:6379"
      for index in group.vips.indices { group.vips[index].present = false }
    }
    let shown = StatusText(style: .plain).text(text)
    #expect(shown.contains("STANDBY: Sentinel names 10.77.0.2:6379"))
    #expect(!shown.contains("no node is known") && !shown.contains("no holder is known"))
  }

  @Test func `A Sentinel that is gone for good is neither out of contact nor counted`() throws {
    let text = try report { group in
      group.sentinels[1].connected = false
      group.sentinels[1].counts = false
    }
    #expect(text.groups[0].concerns.isEmpty)
    let shown = StatusText(style: .plain).text(text)
    #expect(shown.contains("10.77.0.2:26379  -               -      gone, counts no more"))
  }

  @Test func `A tolerance of none is said in a word`() throws {
    let shown = StatusText(style: .plain).text(try report { $0.toleratedSentinelLosses = 0 })
    #expect(shown.contains("no Sentinel may fail"))
  }
}
