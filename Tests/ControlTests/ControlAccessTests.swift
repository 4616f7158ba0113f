import FailoverCore
import Foundation
import Glibc
import NIOCore
import PeerKit
import Platform
import Testing

@testable import Control

/// What a directory answers to the search for the group, when the test lets it.
private final class Directory: Sendable {
  let gate = DispatchSemaphore(value: 0)
  private let number: UInt32?

  init(_ number: UInt32?) {
    self.number = number
  }

  func lookUp() -> UInt32? {
    gate.wait()
    return number
  }
}

@Suite(.timeLimit(.minutes(10))) struct ControlAccessTests {
  /// A user who is neither root nor the one that runs this.
  private static let stranger = PeerCredentials(user: 54_321, group: 54_321, groups: [7, 998])

  @Test func `The kernel tells who is at the other end of a socket, with every group`() throws {
    var ends: [Int32] = [-1, -1]
    try #require(
      unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    defer { ends.forEach { close($0) } }
    var groups = [gid_t](repeating: 0, count: 1_024)
    let count = unsafe getgroups(Int32(groups.count), &groups)
    let peer = try #require(PeerCredentials(ofSocket: ends[0]))
    #expect(peer.user == geteuid() && peer.group == getegid() && peer.processID == getpid())
    #expect(peer.groups.sorted() == groups.prefix(Int(count)).sorted())
    #expect(PeerCredentials(ofSocket: -1) == nil)
  }

  @Test(arguments: [
    (PeerCredentials(user: 0, group: 5, groups: []), true),
    (PeerCredentials(user: geteuid(), group: 5, groups: []), true),
    (PeerCredentials(user: 54_321, group: 998, groups: []), true),
    (PeerCredentials(user: 54_321, group: 5, groups: [7, 998]), true),
    (PeerCredentials(user: 54_321, group: 5, groups: [7]), false),
  ])
  func `Root, the daemon's user and members of the group are let in`(
    peer: PeerCredentials, isAdmitted: Bool
  ) {
    #expect(ControlAccess(group: 998).admits(peer, at: .milliseconds(1)) == isAdmitted)
  }

  @Test func `A group that a silent directory knows keeps nobody waiting, root least of all`() async
  {
    let directory = Directory(998)
    await onLoop { loop, finish in
      let threads = BlockingThreads(loop: loop)
      let access = ControlAccess(group: nil)
      access.findGroup(on: threads, lookUp: directory.lookUp)
      #expect(access.admits(PeerCredentials(user: 0, group: 0, groups: []), at: HostClock().now()))
      #expect(!access.admits(Self.stranger, at: HostClock().now()))
      directory.gate.signal()
      until(loop, { access.group == 998 }) {
        #expect(access.admits(Self.stranger, at: HostClock().now()))
        threads.end()
        finish()
      }
    }
  }

  @Test func `A group that was not found at the start is looked for again, not at each client`()
    async
  {
    let silent = Directory(nil)
    silent.gate.signal()
    await onLoop { loop, finish in
      let threads = BlockingThreads(loop: loop)
      let access = ControlAccess(group: nil)
      access.findGroup(on: threads, lookUp: silent.lookUp)
      until(loop, { !access.isSearching }) {
        // A second search would wait for the gate.
        #expect(!access.admits(Self.stranger, at: HostClock().now()))
        #expect(!access.isSearching)
        let later = HostClock().now() + ControlAccess.retryPeriod
        #expect(!access.admits(Self.stranger, at: later))
        #expect(access.isSearching)
        silent.gate.signal()
        until(loop, { !access.isSearching }) {
          threads.end()
          finish()
        }
      }
    }
  }

  @Test(arguments: [
    ("root:x:0:\nvipd:x:998:me,you\n", 998 as UInt32?), ("vipdx:x:1:\n", nil), ("vipd:x\n", nil),
    ("vipd:x:many:\n", nil),
  ])
  func `The number of a group is the third field of its line`(text: String, number: UInt32?) throws
  {
    let path = NSTemporaryDirectory() + "group-\(UUID().uuidString)"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(OperatorGroup.numberInFile(path) == number)
  }
}
