import Foundation
import Platform
import Testing

@testable import Agent
@testable import Control

/// A new directory of one test.
private func makeDirectory() throws -> String {
  let path = NSTemporaryDirectory() + "vipd-lock-\(UUID().uuidString.prefix(8))"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  return path
}

@Suite struct InstanceLockTests {
  /// Why the lock can't be had; nil if it can.
  private func failure(_ directory: String) -> InstanceLock.Failure? {
    do throws(InstanceLock.Failure) {
      withExtendedLifetime(try InstanceLock(directory)) {}
      return nil
    } catch {
      return error
    }
  }

  @Test func `A directory is locked once, and whoever has it is named`() throws {
    let directory = try makeDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let lock = try InstanceLock(directory)
    #expect(failure(directory) == .held(by: getpid()))
    withExtendedLifetime(lock) {}
  }

  @Test func `The lock ends with its holder, and leaves nothing behind`() throws {
    let directory = try makeDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    for _ in 1...3 { #expect(failure(directory) == nil) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)
  }

  @Test func `A directory that is emptied, or reached by another path, stays locked`() throws {
    let directory = try makeDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let (file, link) = ("\(directory)/m.state", directory + "-link")
    try "x".write(toFile: file, atomically: true, encoding: .utf8)
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: directory)
    defer { try? FileManager.default.removeItem(atPath: link) }
    let lock = try InstanceLock(directory)
    try FileManager.default.removeItem(atPath: file)
    #expect(failure(directory) == .held(by: getpid()))
    #expect(failure(link) == .held(by: getpid()))
    withExtendedLifetime(lock) {}
  }

  @Test func `A directory that nobody may write to can be locked`() throws {
    let directory = try makeDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: directory)
    #expect(failure(directory) == nil)
  }

  @Test func `A directory that is missing, or a file, can't be locked, which is told`() throws {
    let directory = try makeDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let (missing, file) = ("\(directory)/none", "\(directory)/file")
    try "x".write(toFile: file, atomically: true, encoding: .utf8)
    for (path, reason) in [(missing, "No such file or directory"), (file, "Not a directory")] {
      guard case .unavailable(let problem) = failure(path) else {
        Issue.record("\(path) was locked")
        continue
      }
      #expect(problem.description == "can't open \(path): \(reason)")
    }
  }

  @Test(
    "The holder is read from the kernel's table",
    arguments: [
      ("1: FLOCK  ADVISORY  WRITE 42 fe:00:16 0 EOF", 42 as Int32?),
      // Another kind, another file, one that waits, one of another namespace, half a line.
      ("1: POSIX  ADVISORY  WRITE 42 fe:00:16 0 EOF", nil),
      ("1: FLOCK  ADVISORY  WRITE 42 fe:00:17 0 EOF", nil),
      ("1: -> FLOCK  ADVISORY  WRITE 42 fe:00:16 0 EOF", nil),
      ("1: FLOCK  ADVISORY  WRITE 0 fe:00:16 0 EOF", nil),
      ("1: FLOCK  ADVISORY  WRITE 42", nil),
      // Two files with one inode: the device decides.
      (
        "1: FLOCK ADVISORY WRITE 41 08:01:16 0 EOF\n2: FLOCK ADVISORY WRITE 42 fe:00:16 0 EOF", 42
      ),
      // A device that the table knows by another number: the inode has to be enough, if it is one.
      ("1: FLOCK ADVISORY WRITE 42 00:2b:16 0 EOF", 42),
      ("1: FLOCK ADVISORY WRITE 41 00:2b:16 0 EOF\n2: FLOCK ADVISORY WRITE 42 00:2c:16 0 EOF", nil),
      ("", nil),
    ])
  func holder(table: String, expected: Int32?) {
    #expect(InstanceLock.holder(ofInode: 16, onDevice: 0xfe00, in: table) == expected)
  }
}

@Suite struct SocketFileTests {
  private func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// Why nobody can listen at a path; nil if somebody can.
  private func failure(_ path: String) -> SocketFile.Failure? {
    do throws(SocketFile.Failure) {
      withExtendedLifetime(try SocketFile.listen(at: path)) {}
      return nil
    } catch {
      return error
    }
  }

  /// Leaves the socket of a process that is gone.
  private func leaveRemains(at path: String) throws {
    let aside = path + ".aside"
    do {
      let file = try SocketFile.listen(at: path)
      // It no longer leads to its path when it ends, and so stays.
      try FileManager.default.moveItem(atPath: path, toPath: aside)
      withExtendedLifetime(file) {}
    }
    try FileManager.default.moveItem(atPath: aside, toPath: path)
  }

  @Test func `A socket at which a process answers is left alone, and the process named`() throws {
    let directory = try makeDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = "\(directory)/s"
    let file = try SocketFile.listen(at: path)
    #expect(failure(path) == .answered(by: getpid()))
    #expect(isThere(path) && SocketFile.occupant(of: path) == .process(getpid()))
    withExtendedLifetime(file) {}
  }

  @Test func `A socket that a crash left is replaced, and goes at the end`() throws {
    let directory = try makeDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = "\(directory)/s"
    try leaveRemains(at: path)
    #expect(isThere(path) && SocketFile.occupant(of: path) == .nobody)
    #expect(failure(path) == nil)
    #expect(!isThere(path))
  }

  @Test func `What another put in the place of a socket stays at its end`() throws {
    let directory = try makeDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let (path, other) = ("\(directory)/s", "\(directory)/other")
    try leaveRemains(at: other)
    do {
      let file = try SocketFile.listen(at: path)
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.moveItem(atPath: other, toPath: path)
      withExtendedLifetime(file) {}
    }
    #expect(isThere(path))
  }

  @Test func `A file that is no socket is never removed`() throws {
    let directory = try makeDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = "\(directory)/s"
    try "x".write(toFile: path, atomically: true, encoding: .utf8)
    guard case .failed(let problem) = failure(path) else {
      Issue.record("the file was taken for a socket")
      return
    }
    #expect(problem.description == "can't listen on \(path): Address already in use")
    #expect(isThere(path))
  }

  @Test func `A directory that is missing is told with the path`() {
    guard case .failed(let problem) = failure("/nonexistent/s") else {
      Issue.record("a socket in no directory")
      return
    }
    #expect(problem.description == "can't listen on /nonexistent/s: No such file or directory")
  }
}
