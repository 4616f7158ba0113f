import Addresses
import LinuxNetwork
import Testing

@Suite("Announcer and claim watcher", .enabled(if: isRoot, "needs root"))
struct AnnouncerTests {
  @Test(
    "An announcement is heard by the other end as a claim",
    arguments: [
      ("10.77.0.100", [AddressClaim.Kind.announcement, .announcement]),
      ("fd77::100", [.neighbourAdvertisement]),
    ])
  func announcement(text: String, kinds: [AddressClaim.Kind]) async throws {
    try await Namespace.withCable { host in
      let (left, right) = (try host.link("left"), try host.link("right"))
      let virtual = try address(text)
      var watcher = try ClaimWatcher(on: right, for: [virtual])
      var announcer = try Announcer()
      try announcer.announce(virtual, on: left)
      #expect(waitUntilReadable(watcher.fileDescriptors))
      let claims = try watcher.claims()
      #expect(claims.map(\.kind) == kinds)
      #expect(claims.allSatisfy { $0.address == virtual && $0.macAddress == left.macAddress })
      #expect(claims.allSatisfy { $0.interface == right.index && !$0.isTentative })
      #expect(try watcher.claims() == [])
    }
  }

  @Test(
    "A probe is heard by the other end as a tentative claim",
    arguments: [
      ("10.77.0.100", AddressClaim.Kind.probe), ("fd77::100", .neighbourSolicitation),
    ])
  func probe(text: String, kind: AddressClaim.Kind) async throws {
    try await Namespace.withCable { host in
      let (left, right) = (try host.link("left"), try host.link("right"))
      let virtual = try address(text)
      var watcher = try ClaimWatcher(on: right, for: [virtual])
      var announcer = try Announcer()
      try announcer.probe(virtual, on: left)
      #expect(waitUntilReadable(watcher.fileDescriptors))
      let claims = try watcher.claims()
      #expect(claims.map(\.kind) == [kind])
      #expect(claims.allSatisfy { $0.macAddress == left.macAddress && $0.isTentative })
    }
  }

  @Test(
    "A holder's kernel answers a probe, and the prober hears it",
    arguments: [
      ("10.77.0.100", AddressClaim.Kind.reply), ("fd77::100", .neighbourAdvertisement),
    ])
  func answeredProbe(text: String, kind: AddressClaim.Kind) async throws {
    try await Namespace.withCable { host in
      let (left, right) = (try host.link("left"), try host.link("right"))
      let virtual = try address(text)
      try host.assign([virtual], to: "right")
      var watcher = try ClaimWatcher(on: left, for: [virtual])
      var announcer = try Announcer()
      try announcer.probe(virtual, on: left)
      #expect(waitUntilReadable(watcher.fileDescriptors))
      let claims = try watcher.claims()
      #expect(claims.first?.kind == kind)
      #expect(claims.allSatisfy { $0.macAddress == right.macAddress })
    }
  }

  @Test("The loopback takes neither announcements nor watchers")
  func loopback() async throws {
    try await Namespace.withCable { host in
      let loopback = try host.link("lo")
      let virtual = try address("10.77.0.100")
      #expect(throws: LinkLayerError.unsuitable(link: "lo", .loopback)) {
        var announcer = try Announcer()
        try announcer.announce(virtual, on: loopback)
      }
      #expect(throws: LinkLayerError.unsuitable(link: "lo", .loopback)) {
        _ = try ClaimWatcher(on: loopback, for: [virtual])
      }
    }
  }
}
