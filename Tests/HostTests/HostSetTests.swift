import Foundation
import HostKit
import Testing

@testable import Lab

extension RealHosts {
  @Suite("The hosts themselves")
  struct HostsThemselves {
    @Test func `A set that is down leaves no process, namespace, mount or file`() throws {
      let id = "\(HostSet.testID)b"
      let set = try HostSet.up(id: id, hosts: 1)
      #expect(HostSet.existing().contains(id))
      let process = try #require(set.hosts[0].initProcess)
      set.down()
      #expect(!process.isRunning)
      #expect(!HostSet.existing().contains(id))
      #expect(try !readFile("/proc/self/mounts").contains(set.directory))
    }

    @Test func `A second set of the same name is refused and the first stays`() throws {
      let scene = try begin()
      #expect(throws: LabError.self) { try HostSet.up(id: scene.set.id) }
      #expect(try scene.holders() == [scene.holder.number])
    }
  }
}
