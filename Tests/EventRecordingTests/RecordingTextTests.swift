import Addresses
import FailoverCore
import Testing

@testable import EventRecording

@Suite struct RecordingTextTests {
  static let configurations = [
    GroupConfiguration(masterName: "mymaster", virtualAddresses: [SampleEvents.address]),
    GroupConfiguration(
      masterName: "two words\n=", virtualAddresses: [SampleEvents.address, SampleEvents.odd],
      configuredSentinels: 5, leaseLimit: .milliseconds(1_500), blindPolicy: .replicas,
      announcement: AnnouncementPlan(rounds: 3, interval: .milliseconds(50), refresh: .seconds(60))),
    GroupConfiguration(masterName: "-", virtualAddresses: [], blindPolicy: .hold),
  ]

  @Test func `There is a sample of every kind of event`() {
    #expect(
      Set(SampleEvents.all.map(SampleEvents.kind(of:))) == Set(SampleEvents.Kind.allCases))
  }

  @Test(arguments: SampleEvents.all)
  func `An event is read as it was written, in one line`(event: Event) throws {
    let line = RecordingText.lines(event, at: SampleEvents.instant, orders: [])
    #expect(line.utf8.count { $0 == UInt8(ascii: "\n") } == 1)
    let text = RecordingText.beginning(Self.configurations[0]) + line
    let run = try #require(try Recording.runs(of: text).first)
    #expect(
      run.steps == [.init(line: 3, at: SampleEvents.instant, event: event, orders: [])], "\(line)")
  }

  @Test(arguments: configurations)
  func `The group's configuration is read as it was written`(_ configuration: GroupConfiguration)
    throws
  {
    let runs = try Recording.runs(of: RecordingText.beginning(configuration))
    #expect(runs == [Recording(configuration: configuration, steps: [])])
  }

  @Test func `Events, orders and runs keep their order, and people's lines are passed over`()
    throws
  {
    let text = """
      # recorded for a test
      vipd-recording 1
      group name=a vips=10.0.0.9/24@eth0 sentinels=3 lease=- blind=release rounds=5 interval=1.1s refresh=-
      5 woke
        one
        two

      # and then
      5 resume
      vipd-recording 1
      group name=b vips= sentinels=0 lease=2s blind=hold rounds=1 interval=1s refresh=60s
      4 hook-called

      """
    let runs = try Recording.runs(of: text)
    #expect(runs.map(\.configuration.masterName) == ["a", "b"])
    #expect(
      runs[0].steps == [
        .init(
          line: 4, at: Instant(nanoseconds: 5), event: .woke, orders: ["one", "two"]),
        .init(line: 9, at: Instant(nanoseconds: 5), event: .resumeRequested, orders: []),
      ])
    #expect(
      runs[1].steps == [
        .init(line: 12, at: Instant(nanoseconds: 4), event: .hookCalled, orders: [])
      ])
  }

  @Test func `The line of a reply reads as Sentinel's words`() {
    let view = SentinelView(
      named: SampleEvents.version4, flags: [.master, .subjectivelyDown],
      failoverState: .waitPromotion, lastOkPingReply: .milliseconds(3_051), configEpoch: 7,
      replicas: [
        ReplicaView(endpoint: SampleEvents.version6, flags: [.slave, .promoted])
      ])
    let event = Event.sentinelReplied(
      SampleEvents.version4, view, sentAt: Instant(nanoseconds: 41))
    #expect(
      RecordingText.line(event, at: Instant(nanoseconds: 42))
        == "42 replied sentinel=10.77.0.1:6379 sent=41 named=10.77.0.1:6379 "
        + "master=10.77.0.1:6379 flags=s_down|master failover=wait_promotion pong=3.051s "
        + "down-after=3s timeout=180s epoch=7 quorum=2 others=2 "
        + "replicas=[fd77::2]:0;slave|promoted;0s;100")
  }

  @Test func `An order is one line without white space around its words`() {
    let orders: [(Effect, String)] = [
      (.pollSentinels, "poll-sentinels"), (.watchReplicas(true), "watch-replicas yes"),
      (.probe(3, [SampleEvents.address]), "probe id=3 vips=10.77.0.100/24@eth0"),
      (.installAddresses([], .infinite), "install vips= lifetime=infinite"),
      (
        .publish(
          .selected(from: SampleEvents.version4, epoch: 1, nonce: 2), also: SampleEvents.version6),
        "publish notice=selected;10.77.0.1:6379;1;2 also=[fd77::2]:0"
      ),
      (.wake(at: nil), "wake at=-"), (.keepPause(Pause(until: nil)), "keep-pause forever"),
      (
        .report(
          Transition(
            from: .standby, to: .holding, reason: .namedByMajority(epoch: 4, by: 2, of: 3),
            basis: .sentinels)),
        "report from=standby to=holding basis=sentinels reason=named-by-majority;4;2;3"
      ),
      (
        .raise(.addressFailed(SampleEvents.address, .kernel("No such\ndevice"))),
        "raise address-failed;10.77.0.100/24@eth0;kernel;No%20such%0Adevice"
      ),
    ]
    for (order, text) in orders { #expect(RecordingText.order(order) == text) }
  }
}
