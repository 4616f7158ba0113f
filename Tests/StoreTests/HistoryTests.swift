import ControlProtocol
import FailoverCore
import Foundation
import Testing

@testable import Store

/// An entry with a number to know it by.
func numbered(_ number: Int) -> HistoryEntry {
  var entry = HistoryEntry("transition", wallNanoseconds: Int64(number) * 1_000_000_000)
  entry.add("number", Int64(number))
  entry.add("text", "standby -> holding: a reason with blanks")
  return entry
}

@Suite struct HistoryEntryTests {
  private let entry: HistoryEntry = {
    var entry = HistoryEntry(
      "transition", wallNanoseconds: 1_763_706_307_123_456_789,
      phases: [
        .init(name: "selected", microseconds: 0), .init(name: "flip", microseconds: 312_104),
      ])
    entry.add("from", "standby")
    entry.add("text", "a = b: 50 % @x\n\u{1}é — \"quoted\"")
    entry.add("empty", "")
    entry.add("afterMs", Int64(-1))
    entry.add("absent", String?.none)
    return entry
  }()

  @Test("An entry is read back from its line, whatever its texts hold")
  func roundTrip() {
    #expect(!entry.line.contains("\n") && entry.line.utf8.allSatisfy { $0 >= 0x20 })
    #expect(HistoryEntry(line: Array(entry.line.utf8)) == entry)
    #expect(entry.fields.map(\.name) == ["from", "text", "empty", "afterMs"])
  }

  @Test("A line that was cut short at any place is no entry")
  func torn() {
    let line = Array(entry.line.utf8)
    for length in line.indices {
      #expect(HistoryEntry(line: line[..<length]) == nil, "\(length) bytes")
    }
  }

  @Test("A line with a changed byte is no entry")
  func damaged() {
    let line = Array(entry.line.utf8)
    for index in line.indices {
      var damaged = line
      damaged[index] ^= 0x20
      #expect(HistoryEntry(line: damaged) == nil, "byte \(index)")
    }
  }

  @Test("Names that would break the line are left out, and long texts and lists are cut")
  func bounds() throws {
    var entry = HistoryEntry("bad kind", wallNanoseconds: 1)
    #expect(entry.kind == "unknown")
    entry.add("bad name", "x")
    entry.add("@", "x")
    #expect(entry.fields.isEmpty)
    entry.add("long", String(repeating: "é", count: 1_000))
    for number in 0..<100 { entry.add("n\(number)", Int64(number)) }
    #expect(entry.fields.count == HistoryEntry.maxParts)
    #expect(entry.fields[0].value == .text(String(repeating: "é", count: 256)))
    #expect(HistoryEntry(line: Array(entry.line.utf8)) == entry)
  }
}

@Suite struct HistoryFileTests {
  /// A path in a directory that goes when the test ends.
  private func withFile(_ body: (String) throws -> Void) throws {
    let directory = NSTemporaryDirectory() + "vipd-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try body(directory + "/mymaster.history")
  }

  private func content(_ path: String) -> [UInt8] {
    FileManager.default.contents(atPath: path).map(Array.init) ?? []
  }

  @Test("Entries are appended and read back in their order")
  func appended() throws {
    try withFile { path in
      var file = HistoryFile(path)
      #expect(file.read() == HistoryFile.Content())
      #expect(file.append([numbered(1), numbered(2)]) == nil)
      var next = HistoryFile(path)
      #expect(next.append([numbered(3)]) == nil)
      #expect(HistoryFile(path).read().entries == [1, 2, 3].map(numbered))
    }
  }

  @Test("Half a line, as a crash leaves it, is skipped and does not swallow the next entry")
  func tornTail() throws {
    try withFile { path in
      var file = HistoryFile(path)
      _ = file.append([numbered(1), numbered(2)])
      try Data(content(path).dropLast(10)).write(to: URL(filePath: path))
      file = HistoryFile(path)
      #expect(file.append([numbered(3)]) == nil)
      let read = HistoryFile(path).read()
      #expect(read.entries == [1, 3].map(numbered) && read.skipped == 1)
    }
  }

  @Test("Garbage in the middle is skipped and counted, never fatal")
  func garbage() throws {
    try withFile { path in
      var file = HistoryFile(path)
      _ = file.append([numbered(1)])
      let garbage = [UInt8](repeating: 0, count: 300) + Array("\n\n\u{ff} x\n0 1 transition\n".utf8)
      try Data(content(path) + garbage).write(to: URL(filePath: path))
      file = HistoryFile(path)
      #expect(file.append([numbered(2)]) == nil)
      let read = file.read()
      #expect(read.entries == [1, 2].map(numbered) && read.skipped == 3)
    }
  }

  @Test("The file stays within its bytes and keeps the newest entries")
  func boundedBytes() throws {
    try withFile { path in
      var file = HistoryFile(path, longest: 4_096)
      for number in 1...500 {
        #expect(file.append([numbered(number)]) == nil)
        #expect(content(path).count <= 4_096)
      }
      let entries = file.read().entries
      #expect(entries.last == numbered(500) && entries.count >= 10)
      #expect(entries == (501 - entries.count...500).map(numbered))
    }
  }

  @Test("The file stays within its entries, also when it was begun by another daemon")
  func boundedEntries() throws {
    try withFile { path in
      for number in 1...50 {
        // Each time a new daemon, which has to count what is there.
        var file = HistoryFile(path, maxEntries: 20)
        #expect(file.append([numbered(number)]) == nil)
        #expect(file.read().entries.count <= 20)
      }
      let entries = HistoryFile(path).read().entries
      #expect(entries.last == numbered(50) && entries.count >= 10)
    }
  }

  @Test("A batch that is longer than the file may be is shortened to its newest")
  func longBatch() throws {
    try withFile { path in
      var file = HistoryFile(path, longest: 4_096)
      #expect(file.append((1...500).map(numbered)) == nil)
      #expect(file.read().entries.last == numbered(500) && content(path).count <= 4_096)
    }
  }

  @Test("A full disk is an error with its cause")
  func fullDisk() throws {
    try withFile { path in
      try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/full")
      var file = HistoryFile(path)
      #expect(file.append([numbered(1)]) == "can't write \(path): No space left on device")
    }
  }

  @Test("What was there stays as it was when no more can be written")
  func noRoom() throws {
    try withFile { path in
      var file = HistoryFile(path, longest: 300)
      _ = file.append([numbered(1)])
      let before = content(path)
      // The draft of the shorter file can't be made.
      try FileManager.default.createDirectory(
        atPath: path + ".new", withIntermediateDirectories: true)
      #expect(file.append([numbered(2), numbered(3)])?.contains("Is a directory") == true)
      #expect(content(path) == before)
    }
  }
}

@Suite struct HistoryStoreTests {
  /// The numbers of the entries of `mymaster`, how many are not on the disk, and why.
  private func read(
    _ store: HistoryStore, then use: @escaping (_ text: String) -> Void
  ) {
    let isAccepted = store.read(
      ["mymaster"],
      write: { parts in
        "\(parts[0].entries.map { $0.wallNanoseconds / 1_000_000_000 }) \(parts[0].unsaved)"
      }, then: use)
    #expect(isAccepted)
  }

  @Test("What a daemon kept is there for the next one")
  func overRestarts() async throws {
    let place = try StorePlace()
    defer { place.end() }
    await place.runHistory { store, done in
      store.add(numbered(1), of: "mymaster")
      store.add(numbered(2), of: "mymaster")
      store.add(numbered(7), of: "cache")
      store.whenWritten(done)
    }
    await place.runHistory { store, done in
      store.add(numbered(3), of: "mymaster")
      read(store) { text in
        #expect(text == "[1, 2, 3] 0")
        done()
      }
    }
  }

  @Test("A directory that is gone costs the persistence only, and is made up for later")
  func directoryComesBack() async throws {
    let place = try StorePlace(stateDirectory: "later")
    defer { place.end() }
    await place.runHistory { store, done in
      store.add(numbered(1), of: "mymaster")
      store.whenWritten {
        #expect(store.problem?.contains("No such file or directory") == true)
        read(store) { text in
          #expect(text == "[1] 1")
          try? place.makeStateDirectory()
          store.add(numbered(2), of: "mymaster")
          store.whenWritten {
            #expect(store.problem == nil)
            read(store) { text in
              #expect(text == "[1, 2] 0")
              done()
            }
          }
        }
      }
    }
  }

  @Test("What waits for a disk that stays full is bounded, and the newest is kept")
  func boundedMemory() async throws {
    let place = try StorePlace(stateDirectory: "never")
    defer { place.end() }
    await place.runHistory { store, done in
      for number in 1...1_000 { store.add(numbered(number), of: "mymaster") }
      store.whenWritten {
        read(store) { text in
          #expect(text.hasSuffix(" 999, 1000] \(HistoryStore.maxWaiting)"))
          done()
        }
      }
    }
  }

  @Test("Readers that wait are bounded")
  func boundedReaders() async throws {
    let place = try StorePlace()
    defer { place.end() }
    await place.runHistory { store, done in
      let accepted = (1...100).filter { _ in
        store.read(["mymaster"], write: { _ in "" }, then: { _ in })
      }
      // One is served at once; the others wait.
      #expect(accepted.count == HistoryStore.maxReaders + 1)
      store.whenWritten(done)
    }
  }

  @Test func `A reader of no group gets an answer, and not within its call`() async throws {
    let place = try StorePlace()
    defer { place.end() }
    await place.runHistory { store, done in
      var hasReturned = false
      let isAccepted = store.read([], write: { "\($0.count) groups" }) { text in
        #expect(hasReturned && text == "0 groups")
        done()
      }
      hasReturned = true
      #expect(isAccepted)
    }
  }

  @Test func `A disk that does not answer keeps no reader waiting for what is in memory`()
    async throws
  {
    let place = try StorePlace()
    defer { place.end() }
    let hanging = try HangingFile(place.directory + "/mymaster.history")
    await place.runHistory(patience: .milliseconds(50)) { store, done in
      store.add(numbered(1), of: "mymaster")
      // A FIFO takes no fdatasync, so the entry stays in memory; whoever reads it hangs.
      let isAccepted = store.read(
        ["mymaster"],
        write: { parts in "\(parts[0].entries.count) \(parts[0].problem ?? "")" }
      ) { text in
        #expect(text == "1 the disk has not answered for 50 ms; what is on it is not shown")
        // What comes behind it is not waited for either.
        store.whenWritten {
          while !hanging.answerReader() {}
          store.whenWritten(done)
        }
      }
      #expect(isAccepted)
    }
  }

  @Test func `The history of a version that cut master names stands before the own one`()
    async throws
  {
    let place = try StorePlace()
    defer { place.end() }
    let name = String(repeating: "m", count: 100)
    try place.write(numbered(1).line + "\n", to: String(repeating: "m", count: 80) + ".history")
    await place.runHistory { store, done in
      store.add(numbered(2), of: name)
      let isAccepted = store.read(
        [name], write: { "\($0[0].entries.map { $0.wallNanoseconds / 1_000_000_000 })" }
      ) { text in
        #expect(text == "[1, 2]")
        done()
      }
      #expect(isAccepted)
    }
  }
}
