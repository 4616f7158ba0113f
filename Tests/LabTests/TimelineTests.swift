import Testing

@testable import Lab

@Suite("The timeline of a failover")
struct TimelineTests {
  private func at(_ milliseconds: Int64) -> Stamp {
    Stamp(nanoseconds: milliseconds * 1_000_000)
  }

  private var recording: Recording {
    var recording = Recording()
    recording.attempts = [
      ProbeAttempt(start: at(90), end: at(95), outcome: "ok", host: 1),
      ProbeAttempt(start: at(100), end: at(102), outcome: "reset", host: 1),
      ProbeAttempt(start: at(1400), end: at(1410), outcome: "ok", host: 2),
    ]
    recording.events = [
      SentinelEvent(stamp: at(1100), host: 3, name: "+sdown", message: "master mymaster"),
      SentinelEvent(stamp: at(2300), host: 1, name: "+switch-master", message: "mymaster"),
    ]
    recording.roles = [
      RoleChange(stamp: at(10), host: 1, group: "mymaster", role: "master"),
      RoleChange(stamp: at(1395), host: 2, group: "mymaster", role: "master"),
    ]
    recording.addresses = [
      AddressChange(
        stamp: at(1398), host: 2, address: "10.77.0.100", isPresent: true, lifetimeSeconds: 2)
    ]
    recording.announcements = [
      Announcement(
        stamp: at(1399), kind: "arp-request", address: "10.77.0.100", hardwareAddress: "02::02")
    ]
    return recording
  }

  private var timeline: Timeline {
    let group = LabPlan(id: "test").groups[0]
    return Timeline(of: recording, group: group, fault: at(100), old: 1)
  }

  @Test func `It tells everything in order of time`() {
    #expect(
      timeline.entries.map(\.title) == [
        "killed", "client fails", "SDOWN", "PROMOTED", "VIP MOVED", "announced", "CLIENT SERVED",
        "+switch-master",
      ])
  }

  @Test func `It counts from the fault`() {
    #expect(timeline.entry("SDOWN")?.milliseconds == 1000)
    #expect(timeline.text.contains("1295 ms  PROMOTED"))
  }

  @Test func `The outage runs from the last answered write to the next one`() {
    #expect(timeline.outageMilliseconds == 1315)
  }
}
