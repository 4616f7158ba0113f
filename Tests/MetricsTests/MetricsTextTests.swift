import Addresses
import ControlProtocol
import FailoverCore
import PeerKit
import Testing
import Wording

@testable import Metrics

/// A group's part of a snapshot: a holder with three Sentinels, one of them lost.
func holderPart() -> MetricsSnapshot.GroupPart {
  var counters = GroupCounters()
  counters.sessions.known = 10_000
  counters.sessions.told = 6
  counters.sessions.taken = 7
  counters.sessions.dropped = 8
  counters.sessions.tickles = 9
  counters.sessions.failed = 1
  counters.transitions[.init(from: .prepared, to: .holding, reason: "promoted-while-prepared")] = 1
  counters.transitions[.init(from: .holding, to: .holding, reason: "confirmed")] = 2
  counters.fenceChanges[.init(to: .open, reason: "replicas-missing")] = 3
  counters.fenceChanges[.init(to: .armed, reason: "replicas-good")] = 4
  counters.takeovers.observe(.microseconds(250))
  counters.takeovers.observe(.microseconds(1_000))
  counters.takeovers.observe(.seconds(60))
  counters.answering.observe(.milliseconds(14))
  counters.selfChecks = [.outside: 1, .foreign: 2]
  counters.refusals = ["settling": 2, "not-named": 1]
  (counters.arpAnnouncements, counters.neighbourAnnouncements) = (5, 4)
  counters.alarms = ["conflict": 1, "address-in-use": 2, "equal-epochs": 8]
  counters.repairs = 3
  return MetricsSnapshot.GroupPart(
    status: holderStatus(), counters: counters, answering: 2,
    problems: [
      GroupProblem(label: "carrier-lost", sentence: "eth0 has no carrier"),
      GroupProblem(label: "carrier-lost", sentence: "eth1 has no carrier"),
    ])
}

@Suite struct MetricsTextTests {
  private let usage = ProcessUsage(
    startedAt: 1_763_706_307_123_456_789, cpuSeconds: 1.25, residentBytes: 12_000_000,
    virtualBytes: 240_000_000, openDescriptors: 31, maxDescriptors: 8_192)

  @Test("The exposition of one group, to the letter")
  func golden() throws {
    var snapshot = MetricsSnapshot(
      at: .milliseconds(10_000), groups: [holderPart()], pending: [],
      maxStall: .milliseconds(150),
      problems: [GroupProblem(label: "reload-failed", sentence: "f has errors")])
    (snapshot.notificationsSent, snapshot.notificationsLost) = (3, 1)
    #expect(snapshot.text(usage) == goldenExposition)
  }

  @Test("Labels and help texts are escaped as the format asks")
  func escapes() {
    var text = MetricsText()
    text.family("m", .gauge, "a\\b\n\"c\"")
    text.sample(1, ("l", "a\\b\n\"c\" é"))
    #expect(
      text.text == #"# HELP m a\\b\n"c""# + "\n# TYPE m gauge\n" + #"m{l="a\\b\n\"c\" é"} 1"# + "\n"
    )
  }

  @Test(
    "Numbers are written so that every reader of the format reads them",
    arguments: [
      (0.0, "0"), (-3, "-3"), (0.25, "0.25"), (1e-9, "1e-09"), (.infinity, "+Inf"),
      (-.infinity, "-Inf"), (.nan, "NaN"), (1_763_706_307.123, "1763706307.123"),
    ])
  func numbers(value: Double, expected: String) {
    var text = MetricsText()
    text.sample(value)
    #expect(text.text == " \(expected)\n")
  }

  @Test("A duration on a bound belongs to the bucket below, and one above all to none")
  func buckets() {
    var histogram = Histogram()
    histogram.observe(.microseconds(500))
    histogram.observe(.microseconds(501))
    histogram.observe(.seconds(11))
    #expect(histogram.counts[0...1] == [1, 1] && histogram.counts.reduce(0, +) == 2)
    #expect(histogram.count == 3 && (11.001...11.0011).contains(histogram.sum))
  }

  @Test("A lease without an end is infinite, and none is 0")
  func leases() throws {
    let part = holderPart()
    var status = part.status
    status.leaseEnds = nil
    status.basis = .policy
    func seconds() -> Double {
      MetricsSnapshot.GroupPart(status: status, counters: part.counters, answering: 0)
        .leaseSeconds(at: .milliseconds(10_000))
    }
    #expect(seconds() == .infinity)
    (status.basis, status.leaseEnds) = (.sentinels, .milliseconds(9_000))
    #expect(seconds() == 0)
    (status.basis, status.leaseEnds) = (.none, .milliseconds(90_000))
    #expect(seconds() == 0)
  }

  @Test("Ready is who is answered by a majority of the Sentinels that count, in every group")
  func readiness() throws {
    let part = holderPart()
    func shortcomings(_ answering: Int, pending: [String] = []) -> [String] {
      MetricsSnapshot(
        at: .milliseconds(0),
        groups: [.init(status: part.status, counters: part.counters, answering: answering)],
        pending: pending, maxStall: .zero
      ).shortcomings
    }
    #expect(shortcomings(3) == [])
    #expect(shortcomings(2) == ["mymaster: 2 of 4 Sentinels answer; 3 are needed"])
    #expect(shortcomings(3, pending: ["cache"]).count == 1)
  }

  @Test("The process tells its memory, its time and its descriptors")
  func process() throws {
    let usage = ProcessUsage.current(startedAt: 1)
    #expect(usage.cpuSeconds > 0)
    #expect(try #require(usage.residentBytes) > 1 << 20)
    #expect(try #require(usage.virtualBytes) > #require(usage.residentBytes))
    #expect(usage.openDescriptors.map { $0 > 2 } ?? true)
  }
}

private let goldenExposition = """
  # HELP vipd_holding Whether an address of the group is on this host.
  # TYPE vipd_holding gauge
  vipd_holding{master="mymaster"} 1
  # HELP vipd_lease_remaining_seconds How long this host may hold the address without a newer \
  confirmation; 0 if it does not.
  # TYPE vipd_lease_remaining_seconds gauge
  vipd_lease_remaining_seconds{master="mymaster"} 2.25
  # HELP vipd_sentinels Sentinels by state: confirming this host, connected otherwise, lost, or \
  missing (remembered, but not known any more).
  # TYPE vipd_sentinels gauge
  vipd_sentinels{master="mymaster",state="confirming"} 1
  vipd_sentinels{master="mymaster",state="connected"} 1
  vipd_sentinels{master="mymaster",state="lost"} 1
  vipd_sentinels{master="mymaster",state="missing"} 1
  # HELP vipd_fence_state 1 for the state of the group's fence, 0 for others.
  # TYPE vipd_fence_state gauge
  vipd_fence_state{master="mymaster",state="off"} 1
  vipd_fence_state{master="mymaster",state="armed"} 0
  vipd_fence_state{master="mymaster",state="open"} 0
  vipd_fence_state{master="mymaster",state="closed"} 0
  vipd_fence_state{master="mymaster",state="half"} 0
  # HELP vipd_transitions_total Changes of state, or of the grounds for holding, by their reason.
  # TYPE vipd_transitions_total counter
  vipd_transitions_total{master="mymaster",from="holding",to="holding",reason="confirmed"} 2
  vipd_transitions_total{master="mymaster",from="prepared",to="holding",\
  reason="promoted-while-prepared"} 1
  # HELP vipd_fence_changes_total Orders that changed the fence, by their reason.
  # TYPE vipd_fence_changes_total counter
  vipd_fence_changes_total{master="mymaster",to="armed",reason="replicas-good"} 4
  vipd_fence_changes_total{master="mymaster",to="open",reason="replicas-missing"} 3
  # HELP vipd_takeover_seconds From the promotion, as this host saw it, to the first announcement \
  of the address.
  # TYPE vipd_takeover_seconds histogram
  vipd_takeover_seconds_bucket{master="mymaster",le="0.0005"} 1
  vipd_takeover_seconds_bucket{master="mymaster",le="0.001"} 2
  vipd_takeover_seconds_bucket{master="mymaster",le="0.0025"} 2
  vipd_takeover_seconds_bucket{master="mymaster",le="0.005"} 2
  vipd_takeover_seconds_bucket{master="mymaster",le="0.01"} 2
  vipd_takeover_seconds_bucket{master="mymaster",le="0.025"} 2
  vipd_takeover_seconds_bucket{master="mymaster",le="0.05"} 2
  vipd_takeover_seconds_bucket{master="mymaster",le="0.1"} 2
  vipd_takeover_seconds_bucket{master="mymaster",le="0.25"} 2
  vipd_takeover_seconds_bucket{master="mymaster",le="0.5"} 2
  vipd_takeover_seconds_bucket{master="mymaster",le="1"} 2
  vipd_takeover_seconds_bucket{master="mymaster",le="2.5"} 2
  vipd_takeover_seconds_bucket{master="mymaster",le="5"} 2
  vipd_takeover_seconds_bucket{master="mymaster",le="10"} 2
  vipd_takeover_seconds_bucket{master="mymaster",le="+Inf"} 3
  vipd_takeover_seconds_sum{master="mymaster"} 60.00125
  vipd_takeover_seconds_count{master="mymaster"} 3
  # HELP vipd_answering_seconds From the take of the addresses to the news that they answer another \
  host.
  # TYPE vipd_answering_seconds histogram
  vipd_answering_seconds_bucket{master="mymaster",le="0.0005"} 0
  vipd_answering_seconds_bucket{master="mymaster",le="0.001"} 0
  vipd_answering_seconds_bucket{master="mymaster",le="0.0025"} 0
  vipd_answering_seconds_bucket{master="mymaster",le="0.005"} 0
  vipd_answering_seconds_bucket{master="mymaster",le="0.01"} 0
  vipd_answering_seconds_bucket{master="mymaster",le="0.025"} 1
  vipd_answering_seconds_bucket{master="mymaster",le="0.05"} 1
  vipd_answering_seconds_bucket{master="mymaster",le="0.1"} 1
  vipd_answering_seconds_bucket{master="mymaster",le="0.25"} 1
  vipd_answering_seconds_bucket{master="mymaster",le="0.5"} 1
  vipd_answering_seconds_bucket{master="mymaster",le="1"} 1
  vipd_answering_seconds_bucket{master="mymaster",le="2.5"} 1
  vipd_answering_seconds_bucket{master="mymaster",le="5"} 1
  vipd_answering_seconds_bucket{master="mymaster",le="10"} 1
  vipd_answering_seconds_bucket{master="mymaster",le="+Inf"} 1
  vipd_answering_seconds_sum{master="mymaster"} 0.014
  vipd_answering_seconds_count{master="mymaster"} 1
  # HELP vipd_self_checks_total Looks whether the addresses answer after a take, by what was found.
  # TYPE vipd_self_checks_total counter
  vipd_self_checks_total{master="mymaster",result="outside"} 1
  vipd_self_checks_total{master="mymaster",result="local"} 0
  vipd_self_checks_total{master="mymaster",result="failed"} 0
  vipd_self_checks_total{master="mymaster",result="foreign-mac"} 2
  # HELP vipd_problem 1 for each thing that is wrong now with a group, or, without master, with the \
  daemon itself, by what it is; status tells it in words.
  # TYPE vipd_problem gauge
  vipd_problem{problem="reload-failed"} 1
  vipd_problem{master="mymaster",problem="carrier-lost"} 1
  # HELP vipd_refused_decisions_total Times that the local Redis was a master and something new \
  kept the address away from this host, by what it was.
  # TYPE vipd_refused_decisions_total counter
  vipd_refused_decisions_total{master="mymaster",reason="not-named"} 1
  vipd_refused_decisions_total{master="mymaster",reason="settling"} 2
  # HELP vipd_announcements_total Announcements of an address: pairs of gratuitous ARP, or \
  neighbour advertisements.
  # TYPE vipd_announcements_total counter
  vipd_announcements_total{master="mymaster",kind="arp"} 5
  vipd_announcements_total{master="mymaster",kind="na"} 4
  # HELP vipd_conflicts_total Times that another machine claimed an address that this host held or \
  was to take.
  # TYPE vipd_conflicts_total counter
  vipd_conflicts_total{master="mymaster"} 3
  # HELP vipd_address_repairs_total Times that an address was removed by another program and put back.
  # TYPE vipd_address_repairs_total counter
  vipd_address_repairs_total{master="mymaster"} 3
  # HELP vipd_sessions Clients of the addresses that this host knows of: its own, or the holder's.
  # TYPE vipd_sessions gauge
  vipd_sessions{master="mymaster"} 10000
  # HELP vipd_session_messages_total Messages about clients that were sent, believed, or dropped.
  # TYPE vipd_session_messages_total counter
  vipd_session_messages_total{master="mymaster",kind="told"} 6
  vipd_session_messages_total{master="mymaster",kind="taken"} 7
  vipd_session_messages_total{master="mymaster",kind="dropped"} 8
  # HELP vipd_tickles_total Segments that were sent, or could not be sent, to wake the last \
  holder's clients.
  # TYPE vipd_tickles_total counter
  vipd_tickles_total{master="mymaster",outcome="sent"} 9
  vipd_tickles_total{master="mymaster",outcome="failed"} 1
  # HELP vipd_loop_stall_seconds The longest time for which the event loop stalled since the \
  start.
  # TYPE vipd_loop_stall_seconds gauge
  vipd_loop_stall_seconds 0.15
  # HELP vipd_notifications_total Events for programs of 'notify': handed on, or lost \
  because nobody took them.
  # TYPE vipd_notifications_total counter
  vipd_notifications_total{result="sent"} 3
  vipd_notifications_total{result="lost"} 1
  # HELP process_cpu_seconds_total User and system time that was spent, in seconds.
  # TYPE process_cpu_seconds_total counter
  process_cpu_seconds_total 1.25
  # HELP process_start_time_seconds When the process started, in seconds since 1970.
  # TYPE process_start_time_seconds gauge
  process_start_time_seconds 1763706307.123
  # HELP process_resident_memory_bytes Resident memory, in bytes.
  # TYPE process_resident_memory_bytes gauge
  process_resident_memory_bytes 12000000
  # HELP process_virtual_memory_bytes Address space, in bytes.
  # TYPE process_virtual_memory_bytes gauge
  process_virtual_memory_bytes 240000000
  # HELP process_open_fds Open descriptors.
  # TYPE process_open_fds gauge
  process_open_fds 31
  # HELP process_max_fds Descriptors that may be open.
  # TYPE process_max_fds gauge
  process_max_fds 8192

  """
