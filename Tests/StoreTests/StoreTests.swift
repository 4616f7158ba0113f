import Addresses
import FailoverCore
import Foundation
import Platform
import Testing

@testable import Store

@Suite struct StoreTests {
  @Test("A proof is read back, and only by a daemon of the same boot")
  func proof() {
    let proof = LeaseProof(provenAt: .milliseconds(12_345), configEpoch: 7)
    let text = proof.text(bootID: "b1")
    #expect(LeaseProof(text: text, bootID: "b1") == proof)
    #expect(LeaseProof(text: text, bootID: "b2") == nil)
    #expect(LeaseProof(text: "boot  proven 1 epoch 2", bootID: "") == nil)
  }

  @Test(
    "A proof that was cut short or tampered with is none",
    arguments: [
      "", "boot b1", "boot b1 proven x epoch 7", "boot b1 proven -5 epoch 7",
      "boot b1 proven 5 epoch -7", "boot b1 proven 5 epoch 7 more",
    ])
  func damagedProof(text: String) {
    #expect(LeaseProof(text: text, bootID: "b1") == nil)
  }

  @Test("A record is read back, and lines of a newer daemon are skipped")
  func record() throws {
    var record = StateRecord()
    record.sentinels = 5
    record.pause = .until(wallNanoseconds: 1_700_000_000_000_000_000)
    #expect(StateRecord(text: record.text) == record)
    #expect(StateRecord(text: "new 1\n" + record.text) == record)
    record.pause = .forever
    record.heldEpoch = 7
    #expect(StateRecord(text: record.text) == record)
  }

  @Test("What is known of the fence is read back; damage to it costs nothing else")
  func fence() {
    var record = StateRecord()
    record.sentinels = 3
    record.fence = FenceMemory(operatorSetting: FenceSetting(minReplicas: 1, maxLagSeconds: 10))
    #expect(StateRecord(text: record.text) == record)
    record.fence?.armed = FenceSetting(minReplicas: 2, maxLagSeconds: 1)
    #expect(StateRecord(text: record.text) == record)
    let damages = [
      "", "1", "1/", "/1", "1/1/1", "-1/1", "1/-1", "x/1", "2147483648/1", "1000000/1",
    ]
    for damage in damages {
      let text = record.text.replacing("fence-found 1/10", with: "fence-found \(damage)")
      #expect(StateRecord(text: text).fence == nil)
      #expect(StateRecord(text: text).sentinels == 3)
    }
    #expect(StateRecord(text: "fence-armed 2/1\n").fence == nil)
  }

  @Test("What was kept a moment ago is loaded, whether it is on the disk or not")
  func loadedBeforeWritten() async throws {
    let place = try StorePlace()
    defer { place.end() }
    let memory = FenceMemory(operatorSetting: FenceSetting(minReplicas: 1, maxLagSeconds: 10))
    let proof = LeaseProof(provenAt: HostClock().now(), configEpoch: 3)
    await place.run { store, done in
      store.remember(sentinels: 3, of: "other")
      store.keep(memory, of: "mymaster")
      store.keep(proof, of: "mymaster")
      store.load("mymaster") { stored in
        #expect(stored.fence == memory && stored.proof == proof)
        store.keep(FenceMemory?.none, of: "mymaster")
        store.load("mymaster") { stored in
          #expect(stored.fence == nil && stored.proof == proof)
          store.whenWritten(done)
        }
      }
    }
    #expect(await place.load("mymaster").fence == nil)
  }

  @Test("What is kept is there for the next daemon")
  func roundTrip() async throws {
    let place = try StorePlace()
    defer { place.end() }
    let start = HostClock().now()
    let proof = LeaseProof(provenAt: start, configEpoch: 3)
    await place.run { store, done in
      store.keep(proof, of: "mymaster")
      store.remember(sentinels: 3, of: "mymaster")
      // So long that it does not end on a machine that is busy with other tests.
      store.keep(Pause(until: start + .seconds(86_400)), of: "mymaster")
      store.whenWritten(done)
    }
    let stored = await place.load("mymaster")
    #expect(stored.proof == proof && stored.rememberedSentinels == 3)
    let until = try #require(stored.pause?.until)
    // Through the wall clock and back, which may be adjusted meanwhile.
    #expect((.seconds(86_399)...(.seconds(86_401))).contains(until - start))
  }

  @Test("Of a proof only the epoch survives a boot, and not even that once it was given up")
  func epochSurvivesBoot() async throws {
    let place = try StorePlace()
    defer { place.end() }
    let now = HostClock().now()
    await place.run { store, done in
      store.keep(LeaseProof(provenAt: now, configEpoch: 3), of: "mymaster")
      store.whenWritten(done)
    }
    try place.loseRunFiles()
    let stored = try #require(await place.load("mymaster").proof)
    #expect(stored.configEpoch == 3)
    #expect(now - stored.provenAt > .seconds(3_600))
    await place.run { store, done in
      store.load("mymaster") { _ in
        store.keep(LeaseProof?.none, of: "mymaster")
        store.whenWritten(done)
      }
    }
    #expect(await place.load("mymaster").proof == nil)
  }

  @Test("A directory that can't be written to stops nothing")
  func unwritable() async throws {
    let place = try StorePlace(stateDirectory: "/proc/vipd-nowhere")
    defer { place.end() }
    await place.run { store, done in
      store.remember(sentinels: 3, of: "mymaster")
      store.whenWritten(done)
    }
    #expect(await place.load("mymaster").rememberedSentinels == 0)
  }

  @Test func `A damaged line costs that line only, and is told`() {
    var record = StateRecord()
    record.sentinels = 5
    record.known = ["a", "b", "c"].map {
      KnownSentinel(runID: $0, endpoint: Endpoint("10.77.0.1:26379"))
    }
    record.pause = .forever
    record.fence = FenceMemory(
      operatorSetting: FenceSetting(minReplicas: 1, maxLagSeconds: 10),
      armed: FenceSetting(minReplicas: 2, maxLagSeconds: 1))
    record.priority = PriorityMemory(original: 100, lowered: 1)
    record.heldEpoch = 7
    let lines = record.text.split(separator: "\n").map(String.init)
    for index in lines.indices {
      for damaged in [lines[index] + "\u{fffd}", "\0\0\0", lines[index].replacing(" ", with: "")] {
        var damage = StateRecord.Damage()
        var text = lines
        text[index] = damaged
        let read = StateRecord(text: text.joined(separator: "\n"), &damage)
        #expect(damage.lines == [damaged])
        // The file that would be written next has every other line.
        let kept = read.text.split(separator: "\n").map(String.init)
        let others = lines.enumerated().filter { $0.offset != index }.map(\.element)
        let lost = others.filter { !kept.contains($0) }
        // What was armed means nothing without what the operator had.
        #expect(lost.isEmpty || lines[index].hasPrefix("fence-found"), "\(lost)")
        #expect(read.sentinels == (index == 0 ? 3 : 5))
      }
    }
  }

  @Test(arguments: [
    // A Sentinel whose line is lost counts, for it may have been one that did.
    ("sentinels x\nknown counted/a/-\nknown counted/b\n", 2),
    ("sentinels x\nknown counted/a/-\nknown coun\u{fffd} ed/b/-\n", 2),
    ("sentinels 2\nknown counted/a/-\nknown counted/b/-\nknown \u{fffd}/c/-\n", 3),
    // Those that were left out, or forgotten, do not.
    ("known counted/a/-\nknown retired/b/-\nknown forgotten/c\n", 1),
    ("sentinels 3\nsentinels x\nsentinels 2\n", 3), ("sentinels 65\n", 0), ("", 0),
  ])
  func `The number of Sentinels is never lower than what is known`(text: String, count: Int) {
    var damage = StateRecord.Damage()
    #expect(StateRecord(text: text, &damage).sentinels == count)
    #expect(!damage.isEmpty)
  }

  @Test func `What is damaged is told with the file, the line and what is taken to be true`() {
    var damage = StateRecord.Damage()
    let record = StateRecord(text: "sentinels x\nknown counted/a/-\npause ever\n", &damage)
    #expect(
      damage.sentence(of: "/s/m.state", record)
        == "/s/m.state is damaged: 'sentinels x' and 1 more can't be read; 1 Sentinel counts until "
        + "more are met. The other lines are used. Check the disk, and pause this host again if it "
        + "was paused")
  }

  @Test func `A damaged file is read, and put right`() async throws {
    let place = try StorePlace()
    defer { place.end() }
    try place.write("sentinels x\nknown counted/a/-\nheld-epoch 7\n", to: "mymaster.state")
    await place.run { store, done in
      store.load("mymaster") { stored in
        #expect(stored.rememberedSentinels == 1 && stored.proof?.configEpoch == 7)
        store.whenWritten(of: "mymaster", done)
      }
    }
    #expect(
      place.text(of: "mymaster.state") == "sentinels 1\nknown counted/a/-\nheld-epoch 7\n")
  }

  @Test func `The file of a version that cut master names is read, and no proof of it`()
    async throws
  {
    let place = try StorePlace()
    defer { place.end() }
    let name = String(repeating: "m", count: 100)
    let earlier = String(repeating: "m", count: 80)
    try place.write("sentinels 5\npause forever\n", to: earlier + ".state")
    try place.write("boot b\nproven 1\nepoch 7\n", to: earlier + ".proof")
    await place.run { store, done in
      store.load(name) { stored in
        #expect(stored.rememberedSentinels == 5 && stored.pause == Pause(until: nil))
        #expect(stored.proof == nil)
        store.whenWritten(done)
      }
    }
    #expect(place.text(of: name + ".state") == "sentinels 5\npause forever\n")
    // Its own file goes first from now on.
    try place.write("sentinels 3\n", to: earlier + ".state")
    #expect(await place.load(name).rememberedSentinels == 5)
  }

  @Test func `Of a file that two groups shared only the number of Sentinels is believed`()
    async throws
  {
    let place = try StorePlace()
    defer { place.end() }
    let names = ["1", "2"].map { String(repeating: "m", count: 100) + $0 }
    try place.write(
      "sentinels 5\nknown counted/a/-\npause forever\nheld-epoch 7\n",
      to: String(repeating: "m", count: 80) + ".state")
    await place.run { store, done in
      var loaded = 0
      for name in names {
        store.load(name) { stored in
          #expect(stored.rememberedSentinels == 5 && stored.knownSentinels.isEmpty)
          #expect(stored.pause == nil && stored.proof == nil)
          loaded += 1
          if loaded == 2 { store.whenWritten(done) }
        }
      }
    }
    #expect(place.text(of: names[0] + ".state") == "sentinels 5\n")
  }

  @Test func `A group whose whole name is the beginning of another's keeps its file to itself`()
    async throws
  {
    let place = try StorePlace()
    defer { place.end() }
    let whole = String(repeating: "m", count: 80)
    try place.write("sentinels 5\npause forever\n", to: whole + ".state")
    await place.run { store, done in
      store.load(whole) { stored in
        #expect(stored.pause == Pause(until: nil))
        store.load(whole + "m") { stored in
          #expect(stored.rememberedSentinels == 5 && stored.pause == nil)
          store.whenWritten(done)
        }
      }
    }
  }

  @Test func `A group whose file the disk does not give is named until it does`() async throws {
    let place = try StorePlace()
    defer { place.end() }
    let hanging = try HangingFile(place.directory + "/mymaster.state")
    await place.run(patience: .milliseconds(20)) { store, done in
      var isNamed = false
      store.load("mymaster") { _ in
        #expect(isNamed && store.unreadMasterNames.isEmpty)
        done()
      }
      func look() {
        isNamed = store.unreadMasterNames == ["mymaster"]
        guard isNamed, hanging.answerReader() else {
          return place.after(.milliseconds(5)) { look() }
        }
      }
      look()
    }
  }

  @Test func `A state directory that hangs keeps neither the proof nor a reload waiting`()
    async throws
  {
    let place = try StorePlace(stateDirectory: "state")
    defer { place.end() }
    try place.makeStateDirectory()
    let hanging = try HangingFile(place.directory + "/state/mymaster.state.new")
    let proof = LeaseProof(provenAt: HostClock().now(), configEpoch: 3)
    await place.run { store, done in
      store.load("mymaster") { _ in
        store.remember(sentinels: 3, of: "mymaster")
        store.keep(proof, of: "mymaster")
        store.load("mymaster") { stored in
          #expect(stored.rememberedSentinels == 3 && stored.proof == proof)
          // Both are waited for; the proof is on its way, and the record hangs.
          store.whenWritten(of: "mymaster") {
            #expect(place.text(of: "mymaster.proof")?.contains("epoch 3") == true)
            hanging.answerWriter()
            store.whenWritten(done)
          }
        }
      }
    }
  }

  @Test func `A group is not kept waiting by others that write all the time`() async throws {
    let place = try StorePlace()
    defer { place.end() }
    await place.run { store, done in
      var isOver = false
      func writeAgain(_ count: Int) {
        guard !isOver else { return }
        store.remember(sentinels: count % 64, of: "busy")
        store.whenWritten(of: "busy") { writeAgain(count + 1) }
        store.remember(sentinels: (count + 1) % 64, of: "busy")
      }
      writeAgain(0)
      store.keep(PriorityMemory(original: 100, lowered: 1), of: "mymaster")
      store.whenWritten(of: "mymaster") {
        #expect(place.text(of: "mymaster.state")?.contains("priority 100/1") == true)
        isOver = true
        store.whenWritten(done)
      }
    }
  }
}
