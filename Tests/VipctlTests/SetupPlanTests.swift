import Addresses
import Configuration
import ControlProtocol
import Testing

@testable import vipctl

@Suite struct SetupPlanTests {
  private let lines = """
    sentinel 10.77.0.1 26379
    sentinel 10.77.0.2 26379
    sentinel 10.77.0.3 26379
    vip mymaster 10.77.0.100/24 dev auto

    """

  @Test func `Where nothing speaks against it, the file has all Sentinels and the address`() throws
  {
    let plan = SetupExample.plan()
    #expect(plan.refusals == [])
    #expect(plan.remarks == [])
    #expect(plan.text.hasSuffix(lines), "\(plan.text)")
    #expect(plan.commands == ["systemctl enable --now vipd"])
    #expect(!plan.isDone)
    _ = try Configuration(parsing: plan.text, file: "f")
  }

  @Test func `Every host writes the same file`() {
    let texts = (1...3).map { SetupPlan(SetupExample.request(), SetupExample.facts(on: $0)).text }
    #expect(Set(texts).count == 1)
    #expect(texts[0].hasSuffix(lines))
  }

  @Test func `Sentinels are sorted as addresses, and names stand behind them`() {
    let plan = SetupExample.plan {
      $0.asked[0].others["id4"] = ServerNode(host: "redis4", port: 26379)
      $0.asked[0].others["id5"] = SetupExample.node(9, 26380)
      $0.asked[0].others["id6"] = SetupExample.node(10, 26379)
    }
    #expect(
      plan.sentinels.map(\.description) == [
        "10.77.0.1:26379", "10.77.0.2:26379", "10.77.0.3:26379", "10.77.0.9:26380",
        "10.77.0.10:26379", "redis4:26379",
      ])
  }

  @Test func `With a fence, an interface, a length and logins the lines say so`() {
    var request = SetupExample.request(length: 24, interface: "eth0")
    request.wantsFence = true
    request.redisLogin = SetupRequest.Login(user: "vipd", file: "/etc/vipd/r.pass")
    request.sentinelLogin = SetupRequest.Login(user: nil, file: "/etc/vipd/s.pass")
    let plan = SetupExample.plan(request) {
      $0.redis[0].needsLogin = true
      $0.asked[0].needsLogin = true
    }
    #expect(plan.refusals == [])
    #expect(
      plan.text.hasSuffix(
        """
        vip mymaster 10.77.0.100/24 dev eth0
        fence mymaster min-replicas all max-lag 1
        auth-user redis mymaster vipd
        auth-pass-file redis mymaster /etc/vipd/r.pass
        auth-pass-file sentinel /etc/vipd/s.pass

        """), "\(plan.text)")
    // A password that nobody asks for is not written.
    #expect(!SetupExample.plan(request).text.contains("auth-"))
  }

  // MARK: - Sentinel

  @Test func `Without a Sentinel on this host it says how to name one`() {
    let plan = SetupExample.plan {
      $0.asked = [SentinelFacts(asked: ServerNode(host: "127.0.0.1", port: 26379))]
      $0.asked[0].problem = .unreachable("Connection refused")
      $0.listed = []
    }
    #expect(
      plan.isRefused("no answer from Sentinel 127.0.0.1:26379: Connection refused", "--sentinel"))
    #expect(plan.change == nil)
  }

  @Test func `An unknown master is told with those that are known`() {
    let plan = SetupExample.plan {
      $0.asked[0].master = nil
      $0.asked[0].masters = ["cache", "queue"]
    }
    #expect(plan.isRefused("does not monitor 'mymaster', but: cache, queue"))
  }

  @Test func `Of two Sentinels of one host the one that monitors the master is asked`() {
    let plan = SetupExample.plan {
      var other = SentinelFacts(asked: ServerNode(host: "127.0.0.1", port: 26380))
      other.id = "other"
      other.masters = ["cache"]
      $0.asked.insert(other, at: 0)
    }
    #expect(plan.refusals == [])
    #expect(plan.text.hasSuffix(lines))
  }

  @Test func `Two Sentinels of two groups with one name must be told apart`() {
    let plan = SetupExample.plan {
      var other = SetupExample.sentinel(1, at: ServerNode(host: "127.0.0.1", port: 26380))
      other.id = "other"
      other.others = [:]
      other.master?.node = SetupExample.node(9)
      $0.asked.append(other)
    }
    #expect(plan.isRefused("names 10.77.0.1:6379", "--sentinel"))
  }

  @Test func `While Sentinels of one group disagree it waits`() {
    let plan = SetupExample.plan { $0.listed[2].master?.node = SetupExample.node(2) }
    #expect(plan.isRefused("names 10.77.0.1:6379", "a failover may be under way"))
  }

  @Test func `A Sentinel or a master at loopback is of no use to other hosts`() {
    let loopback = ServerNode(host: "127.0.0.1", port: 26379)
    let alone = SetupExample.plan {
      $0.asked[0].others = [:]
      $0.asked[0].announced = loopback
      $0.listed = []
    }
    #expect(alone.isRefused("makes itself known at a loopback address", "announce-ip"))
    let master = SetupExample.plan {
      $0.asked[0].master?.node = ServerNode(host: "127.0.0.1", port: 6379)
      $0.listed = []
    }
    #expect(master.isRefused("names the master 127.0.0.1:6379", "SENTINEL REMOVE mymaster"))
  }

  @Test func `A minority of Sentinels that do not answer is told, a majority forbids it`() {
    let one = SetupExample.plan { $0.listed[2] = silent(3) }
    #expect(one.refusals == [])
    #expect(one.remarks.contains { $0.text.contains("10.77.0.3:26379 does not answer") })
    #expect(one.text.hasSuffix(lines))
    let two = SetupExample.plan {
      $0.listed[1] = silent(2)
      $0.listed[2] = silent(3)
    }
    #expect(two.isRefused("10.77.0.2:26379 does not answer", "SENTINEL RESET"))
  }

  private func silent(_ number: Int) -> SentinelFacts {
    var facts = SentinelFacts(asked: SetupExample.node(number, 26379))
    facts.problem = .unreachable("No route to host")
    return facts
  }

  @Test func `What the Sentinels can't promise is told and forbids nothing`() {
    let plan = SetupExample.plan {
      $0.asked[0].master?.quorum = 1
      $0.asked[0].master?.downAfterMilliseconds = 1000
    }
    #expect(plan.refusals == [])
    #expect(plan.remarks.contains { $0.remedy.contains("quorum 2") })
    #expect(plan.remarks.contains { $0.text.contains("down-after-milliseconds is 1000") })
  }

  @Test func `A Sentinel that asks for a password is told with the rights of its user`() {
    let plan = SetupExample.plan {
      $0.asked[0].master = nil
      $0.asked[0].problem = .refused("NOAUTH Authentication required.")
    }
    #expect(plan.isRefused("NOAUTH", AccessRights.sentinel()))
  }

  // MARK: - Address and interface

  @Test(arguments: [
    ("10.77.1.100", "no subnet of this host holds 10.77.1.100"),
    ("10.77.0.255", "broadcast address"), ("10.77.0.0", "not of its network"),
    ("10.77.0.2", "Sentinel names a Redis at 10.77.0.2:6379"),
    ("10.77.0.3", "10.77.0.3 is the address of a Sentinel"),
    ("10.77.0.1", "own address on this host"), ("127.0.0.1", "not loopback"),
    ("224.0.0.1", "not a multicast group"),
  ])
  func `An address that can't be a virtual one is refused`(vip: String, reason: String) {
    let plan = SetupExample.plan(SetupExample.request(vip))
    #expect(plan.isRefused(reason), "\(plan.refusals)")
  }

  @Test func `An IPv6 address has the length of its own subnet`() {
    let plan = SetupExample.plan(SetupExample.request("fd77::100"))
    #expect(plan.refusals == [])
    #expect(plan.text.hasSuffix("vip mymaster fd77::100/64 dev auto\n"))
  }

  @Test func `The length must be that of the subnet`() {
    #expect(SetupExample.plan(SetupExample.request(length: 24)).refusals == [])
    let plan = SetupExample.plan(SetupExample.request(length: 16))
    #expect(plan.isRefused("is to have /16", "say /24"))
  }

  @Test func `Of two subnets the smaller counts, and two alike must be told apart`() throws {
    let wide = InterfaceFacts(name: "eth1", prefix: try #require(Prefix("10.77.9.9/16")))
    let plan = SetupExample.plan { $0.interfaces.append(wide) }
    #expect(plan.refusals == [])
    #expect(plan.place?.name == "eth0")
    let twin = InterfaceFacts(name: "eth1", prefix: try #require(Prefix("10.77.0.9/24")))
    let both = SetupExample.plan { $0.interfaces.append(twin) }
    #expect(both.isRefused("eth0, eth1 are alike", "dev eth0"))
    let said = SetupExample.plan(SetupExample.request(interface: "eth1")) {
      $0.interfaces.append(twin)
    }
    #expect(said.text.hasSuffix("dev eth1\n"))
  }

  @Test func `An interface that has no such subnet is refused`() {
    #expect(
      SetupExample.plan(SetupExample.request(interface: "eth7")).isRefused(
        "no interface 'eth7' has an address"))
    let other = SetupExample.plan(SetupExample.request("192.0.2.5", interface: "eth0"))
    #expect(other.isRefused("no subnet of this host holds 192.0.2.5"))
  }

  @Test func `Another machine at the address forbids it, the master's host does not`() {
    func plan(_ claim: ClaimFacts) -> SetupPlan { SetupExample.plan { $0.claim = claim } }
    let foreign = plan(
      .elsewhere(mac: "02:00:00:00:00:09", masterMAC: "02:00:00:00:00:01", runID: nil))
    #expect(foreign.isRefused("another machine answers", "probe mymaster ignore 02:00:00:00:00:09"))
    #expect(plan(.elsewhere(mac: nil, masterMAC: nil, runID: "run2")).isRefused("another machine"))
    let byMAC = plan(
      .elsewhere(mac: "02:00:00:00:00:01", masterMAC: "02:00:00:00:00:01", runID: nil))
    #expect(byMAC.refusals == [])
    let byID = plan(.elsewhere(mac: nil, masterMAC: nil, runID: "run1"))
    #expect(byID.refusals == [] && byID.remarks.count == 1)
    #expect(plan(.here).refusals == [])
  }

  // MARK: - Redis

  @Test func `A Redis that does not listen at the address names the line to change`() {
    let plan = SetupExample.plan {
      $0.redis[0].bind = ["127.0.0.1", "-::1"]
      $0.redis[0].lines["bind"] = NumberedLine(text: "bind 127.0.0.1 -::1", number: 87)
      $0.redis[0].problem = .unreachable("Connection refused")
    }
    #expect(
      plan.isRefused(
        "does not listen at 10.77.0.100",
        "'bind *' in place of line 87 of /etc/redis/redis.conf: bind 127.0.0.1 -::1"))
    let changed = SetupExample.plan {
      $0.redis[0].bind = ["10.77.0.1"]
      $0.redis[0].lines["bind"] = NumberedLine(text: "bind *", number: 87)
    }
    #expect(changed.isRefused("but at: 10.77.0.1", "CONFIG SET bind '*'"))
    let own = SetupExample.plan { $0.redis[0].bind = ["10.77.0.1", "127.0.0.1"] }
    #expect(own.isRefused("but at: 10.77.0.1 127.0.0.1", "the line 'bind 10.77.0.1 127.0.0.1'"))
  }

  @Test(arguments: [
    (["*"], "10.77.0.100", true), (["-::*", "*"], "fd77::100", true),
    (["0.0.0.0"], "10.77.0.100", true),
    (["*"], "fd77::100", false), (["::*"], "10.77.0.100", false), ([], "10.77.0.100", true),
  ])
  func `Wildcards count for their family`(bind: [String], vip: String, listens: Bool) {
    let plan = SetupExample.plan(SetupExample.request(vip)) { $0.redis[0].bind = bind }
    #expect(plan.refusals.isEmpty == listens, "\(plan.refusals)")
  }

  @Test func `Where bind has the address itself, that must be allowed before it is there`() {
    let bind = ["10.77.0.1", "10.77.0.100"]
    let plan = SetupExample.plan { $0.redis[0].bind = bind }
    #expect(plan.isRefused("only if that is there when it starts", "ip_nonlocal_bind"))
    let allowed = SetupExample.plan {
      $0.redis[0].bind = bind
      $0.bindsNonlocal = true
    }
    #expect(allowed.refusals == [])
  }

  @Test func `Protected mode without a password names its line`() {
    let plan = SetupExample.plan {
      $0.redis[0].problem = .refused("DENIED Redis is running in protected mode")
      $0.redis[0].lines["protected-mode"] = NumberedLine(text: "protected-mode yes", number: 111)
    }
    #expect(plan.isRefused("protected mode", "line 111 of /etc/redis/redis.conf"))
  }

  @Test func `A Redis that asks for a password is told with the rights of its user`() {
    var request = SetupExample.request()
    request.wantsFence = true
    let plan = SetupExample.plan(request) {
      $0.redis[0].needsLogin = true
      $0.redis[0].loginProblem = .refused("NOAUTH Authentication required.")
    }
    #expect(plan.isRefused("asks for a password", AccessRights.redis(hasFence: true)))
    request.redisLogin = SetupRequest.Login(user: "vipd", file: "/etc/vipd/p")
    let wrong = SetupExample.plan(request) {
      $0.redis[0].needsLogin = true
      $0.redis[0].loginProblem = .refused("WRONGPASS invalid username-password pair")
      $0.secrets = [
        SecretFacts(path: "/etc/vipd/p", problem: SetupRemark(text: "can't read", remedy: "chown"))
      ]
    }
    #expect(wrong.isRefused("WRONGPASS", "whether the user is there"))
    #expect(wrong.isRefused("can't read", "chown"))
  }

  @Test func `A command that is refused to vipd forbids it`() {
    let plan = SetupExample.plan { $0.redis[0].refusedCommand = "ROLE" }
    #expect(plan.isRefused("refuses ROLE", "rename-command"))
    func hidden(_ request: SetupRequest) -> SetupPlan {
      SetupExample.plan(request) { $0.redis[0].refusedCommand = "CONFIG GET" }
    }
    var request = SetupExample.request()
    #expect(hidden(request).refusals == [] && hidden(request).remarks.count == 1)
    request.wantsFence = true
    #expect(hidden(request).isRefused("refuses CONFIG GET"))
  }

  @Test func `A unit of Redis without the drop-in is told, with the drop-in`() {
    let plan = SetupExample.plan { $0.redis[0].unguardedUnit = "redis.service" }
    #expect(plan.refusals == [])
    #expect(
      plan.remarks.contains {
        $0.remedy.contains("ExecStop=+-/usr/bin/vipctl handover --conf /etc/redis/redis.conf")
      })
  }

  @Test func `A host of which Sentinel names no Redis is refused, with what it names`() {
    let plan = SetupExample.plan {
      $0.redis = []
      $0.strangers = [ServerNode(host: "127.0.0.1", port: 6379)]
    }
    #expect(plan.isRefused("it names 10.77.0.1:6379, 10.77.0.2:6379", "REPLICAOF 10.77.0.1 6379"))
    #expect(SetupExample.plan { $0.redis = [] }.isRefused("names no Redis", "start Redis here"))
  }

  // MARK: - The unit

  @Test func `A unit that is missing or masked forbids it, one with another file is left alone`() {
    #expect(SetupExample.plan { $0.unit.load = "masked" }.isRefused("masked", "unmask"))
    #expect(SetupExample.plan { $0.unit.load = "not-found" }.isRefused("there is no unit"))
    let other = SetupExample.plan { $0.unit.path = "/etc/other.conf" }
    #expect(other.refusals == [] && other.commands == [] && other.remarks.count == 1)
    let none = SetupExample.plan { $0.unit = UnitFacts() }
    #expect(none.refusals == [] && none.commands == [] && none.remarks.count == 1)
  }

  @Test func `A daemon that runs is reloaded, and enabled if it is not`() {
    let running = SetupExample.plan { $0.unit.active = "active" }
    #expect(running.commands == ["vipctl reload", "systemctl enable --now vipd"])
    let enabled = SetupExample.plan {
      $0.unit.active = "active"
      $0.unit.enabled = "enabled"
    }
    #expect(enabled.commands == ["vipctl reload"])
    let refused = SetupExample.plan(SetupExample.request("10.77.0.99")) {
      $0.existing = SetupExample.plan().text
      $0.unit.active = "active"
      $0.unit.enabled = "enabled"
    }
    #expect(!refused.refusals.isEmpty && refused.commands == [])
  }

  @Test func `What only other hosts can bring does not keep this one from being well`() {
    var group = StatusDocument.Group()
    var difference = StatusDocument.Problem()
    difference.id = "configuration-differs"
    difference.text = "the other file differs"
    group.problems = [difference]
    group.local.role = "slave"
    #expect(
      SetupRun.concernsOfOthers(group) == [
        StatusDocument.Group.holderless, "the other file differs",
      ])
    group.local.role = "master"
    #expect(SetupRun.concernsOfOthers(group) == ["the other file differs"])
  }

  @Test func `A second run finds nothing to do`() {
    let plan = SetupExample.plan {
      $0.existing = SetupExample.plan().text
      $0.unit.active = "active"
      $0.unit.enabled = "enabled"
      $0.claim = .here
    }
    #expect(plan.refusals == [] && plan.remarks == [])
    #expect(plan.change == .nothing && plan.isDone)
  }
}
