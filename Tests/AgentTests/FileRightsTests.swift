import Testing

@testable import Agent

@Suite struct FileRightsTests {
  private let vipd = Account(user: 990, groups: [990, 44])

  @Test func `The first of owner, group and others that fits counts alone`() {
    func reads(_ owner: UInt32, _ group: UInt32, _ mode: UInt32) -> Bool {
      FileRights(owner: owner, group: group, mode: mode).permits(vipd, toSearch: false)
    }
    #expect(reads(990, 0, 0o400))
    #expect(!reads(990, 44, 0o044), "its own file, which it may not read")
    #expect(reads(0, 44, 0o040))
    #expect(!reads(0, 44, 0o404), "others may, and its group not")
    #expect(reads(0, 0, 0o644))
    #expect(!reads(0, 0, 0o600))
    #expect(
      FileRights(owner: 1, group: 1, mode: 0).permits(
        Account(user: 0, groups: [0]), toSearch: false))
  }

  @Test func `A directory on the way is in the way too`() {
    let rights: [String: FileRights] = [
      "/etc": FileRights(owner: 0, group: 0, mode: 0o755),
      "/etc/vipd": FileRights(owner: 0, group: 0, mode: 0o700),
      "/etc/vipd/m.pass": FileRights(owner: 990, group: 990, mode: 0o400),
      "/etc/m.pass": FileRights(owner: 0, group: 0, mode: 0o600),
    ]
    let inner = vipd.obstacle(toReading: "/etc/vipd/m.pass") { rights[$0] }
    #expect(inner?.path == "/etc/vipd" && inner?.isFile == false)
    let outer = vipd.obstacle(toReading: "/etc/m.pass") { rights[$0] }
    #expect(outer?.path == "/etc/m.pass" && outer?.isFile == true)
    #expect(vipd.obstacle(toReading: "/etc/absent") { rights[$0] } == nil)
  }
}
