import Addresses
import FailoverCore
import Platform
import Testing
import Wording

@testable import Agent
@testable import Links

@Suite struct TextTests {
  @Test func `An address whose interface is found by its subnet is told without one`() {
    let automatic = VirtualAddress(
      address: .v4(IPv4Address(10, 77, 0, 100)), interface: "auto", subnetPrefixLength: 24)
    #expect(
      Alarm.addressFailed(automatic, .interface(automatic.interface)).sentence
        == "10.77.0.100: no interface that is up has an address in its subnet")
    var named = automatic
    named.interface = "eth0"
    #expect(
      Alarm.addressFailed(named, .interface(named.interface)).sentence
        == "10.77.0.100 on eth0: the interface eth0 is missing or down")
  }

  @Test(
    "A time is written as RFC 3339 has it, also around leap days",
    arguments: [
      (Int64(0), "1970-01-01T00:00:00.000Z"), (951_782_400, "2000-02-29T00:00:00.000Z"),
      (1_709_251_199, "2024-02-29T23:59:59.000Z"), (1_709_251_200, "2024-03-01T00:00:00.000Z"),
      (1_795_245_907, "2026-11-21T07:25:07.000Z"), (4_107_542_400, "2100-03-01T00:00:00.000Z"),
    ])
  func wallTime(seconds: Int64, text: String) {
    #expect(WallTime.text(nanoseconds: seconds * 1_000_000_000) == text)
  }

  @Test("A time keeps its milliseconds")
  func milliseconds() {
    #expect(WallTime.text(nanoseconds: 7_009_999_999) == "1970-01-01T00:00:07.009Z")
  }

  @Test(
    "A duration is as precise as a reader needs",
    arguments: [
      (Int64(0), "0 ms"), (999, "999 ms"), (1_000, "1.0 s"), (59_999, "59.9 s"),
      (61_000, "1 min 1 s"), (7_260_000, "2 h 1 min"), (-250, "-250 ms"), (-1_500, "-1.5 s"),
    ])
  func duration(milliseconds: Int64, text: String) {
    #expect(Duration.milliseconds(milliseconds).shortText == text)
  }

  @Test("Every label is in kebab case")
  func labels() throws {
    let node = try #require(Endpoint("10.77.0.2:6379"))
    let reasons: [Reason] = [
      .promotedWhilePrepared(epoch: 1), .namedByMajority(epoch: 1, by: 2, of: 3),
      .voteForUnknownLeader(epoch: 1), .anotherNamed(node, epoch: 1, by: 2, of: 3), .started,
    ]
    for label in reasons.map(\.label) {
      #expect(label.allSatisfy { ("a"..."z").contains($0) || $0 == "-" }, "\(label)")
    }
  }
}

@Suite struct ClockWatchTests {
  private func watch() -> (ClockWatch, Instant) {
    let clock = HostClock()
    return (ClockWatch(clock: clock), clock.now())
  }

  @Test("A loop that is a tick late is no stall, and one that is 0.3 s late is")
  func stall() {
    var (watch, start) = watch()
    let early = watch.beforeEvent(at: start + .milliseconds(100))
    #expect(early == nil)
    let late = watch.beforeEvent(at: start + .milliseconds(348))
    guard case .stall(let time) = late else {
      Issue.record("no stall was noticed")
      return
    }
    #expect((.milliseconds(240)...(.milliseconds(253))).contains(time))
    #expect(watch.maxStall == time)
    let again = watch.beforeEvent(at: start + .milliseconds(349))
    #expect(again == nil, "it is reported once")
  }

  @Test("A step of the wall clock is noticed in both directions, and once")
  func jump() {
    let clock = HostClock()
    var watch = ClockWatch(clock: clock)
    let now = clock.now()
    let wall = clock.wallNanoseconds()
    func jumps(_ after: Int64, by step: Int64) -> Int {
      let disturbances = watch.onTick(
        at: now + .milliseconds(after), wallNanoseconds: wall + (after + step) * 1_000_000)
      return disturbances.count
    }
    // NTP may step 200 ms without harm.
    let steps: [(Int64, Int64)] = [
      (48, 0), (96, 200), (144, 3_600_000), (192, 3_600_000), (240, 0),
    ]
    let noticed = steps.map { jumps($0, by: $1) }
    #expect(noticed == [0, 0, 1, 0, 1])
  }
}

@Suite struct FinderTests {
  private let sentinel = Endpoint(address: .v4(IPv4Address(10, 77, 0, 9)), port: 26_379)

  private func endpoint(_ text: String) throws -> Endpoint { try #require(Endpoint(text)) }

  @Test("The instance of this host is the one whose address the host has")
  func ownAddress() throws {
    var finder = InstanceFinder()
    let (one, two) = (try endpoint("10.77.0.1:6379"), try endpoint("10.77.0.2:6379"))
    let view = SentinelView(named: one, replicas: [ReplicaView(endpoint: two)])
    let learned = [finder.learn(view, from: sentinel), finder.learn(view, from: sentinel)]
    #expect(learned == [true, false])
    let isFound = finder.refresh(isOwn: { $0 == two.address }, virtual: [])
    #expect(isFound && finder.own == [two])
    let isLost = finder.refresh(isOwn: { _ in false }, virtual: [])
    #expect(!isLost && finder.own == [two], "a lost address changes nothing")
  }

  @Test("A virtual address that Sentinel names as a replica is never this host's instance")
  func virtualAddress() throws {
    var finder = InstanceFinder()
    let vip = try endpoint("10.77.0.100:6379")
    let view = SentinelView(
      named: try endpoint("10.77.0.1:6379"), replicas: [ReplicaView(endpoint: vip)])
    _ = finder.learn(view, from: sentinel)
    let hasChanged = finder.refresh(isOwn: { $0 == vip.address }, virtual: [vip.address])
    #expect(!hasChanged && finder.own.isEmpty && finder.namedVirtual == [vip])
  }

  @Test("The configuration's word stands against what is found")
  func fixed() throws {
    var finder = InstanceFinder()
    finder.fix(try endpoint("10.77.0.5:6379"))
    _ = finder.learn(SentinelView(named: try endpoint("10.77.0.1:6379")), from: sentinel)
    let hasChanged = finder.refresh(isOwn: { _ in true }, virtual: [])
    #expect(!hasChanged)
    #expect(finder.own == [try endpoint("10.77.0.5:6379")])
  }

  @Test("A refused connection is tried each half second, others less and less often up to 1 s")
  func backoff() {
    var backoff = Backoff()
    var delays = (0..<6).map { _ in backoff.delay(after: .unreachable).wholeMilliseconds }
    delays.append(backoff.delay(after: .refused).wholeMilliseconds)
    backoff.reset()
    delays.append(backoff.delay(after: .closed).wholeMilliseconds)
    #expect(delays == [100, 200, 400, 800, 1_000, 1_000, 500, 100])
  }
}
