import Addresses
import Configuration
import FailoverCore
import Foundation
import Testing

@testable import vipctl

@Suite struct SetupFileTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private func plan(
    _ existing: String, _ request: SetupRequest = SetupExample.request()
  ) -> SetupPlan {
    SetupExample.plan(request) { $0.existing = existing }
  }

  @Test func `The package's own file counts as empty`() throws {
    let reference = try String(
      contentsOf: Self.root.appending(path: "systemd/vipd.conf"), encoding: .utf8)
    let shipped = reference.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.hasPrefix("sentinel ") || line.hasPrefix("vip ") ? "#" + line : line
    }.joined(separator: "\n")
    #expect(ExistingFile(shipped).isEmpty)
    #expect(plan(shipped).text == SetupExample.plan().text)
    #expect(!ExistingFile(reference).isEmpty)
    // Once somebody wrote into it, it is kept.
    let changed = shipped.replacing("\non-stop release\n", with: "\non-stop keep\n")
    #expect(!ExistingFile(changed).isEmpty)
    #expect(plan(changed).text.hasPrefix(changed + "\n# mymaster"))
  }

  @Test(arguments: ["", "\n", "# nothing\n", "state-dir /var/lib/vipd\n"])
  func `A file that says nothing counts as empty`(text: String) {
    #expect(ExistingFile(text).isEmpty)
  }

  private let other = """
    # Ours.
    sentinel 10.77.0.1 26379
    sentinel 10.77.0.2 26379
    sentinel 10.77.0.3 26379
    vip cache 10.77.0.101/24 dev eth0
    fence cache min-replicas 1
    on-stop keep
    """

  @Test func `Another master's lines stay, and those of this one are added`() throws {
    let plan = plan(other)
    #expect(
      plan.text == other
        + "\n\n# mymaster: added by vipctl setup.\nvip mymaster 10.77.0.100/24 dev auto\n")
    #expect(plan.change == .text(plan.text, keepsOldLines: true))
    let old = try Configuration(parsing: other, file: "")
    let new = try Configuration(parsing: plan.text, file: "")
    #expect(new.groups.first == old.groups.first)
    #expect(new.sentinels == old.sentinels && new.stopPolicy == .keep)
    #expect(self.plan(plan.text).change == .nothing)
  }

  @Test func `Other Sentinels than the file's are lines of this master alone`() throws {
    let fewer = other.replacing("sentinel 10.77.0.3 26379\n", with: "")
    let plan = plan(fewer)
    #expect(plan.text.hasPrefix(fewer))
    #expect(plan.text.contains("\nsentinel mymaster 10.77.0.3 26379\nvip mymaster"))
    let new = try Configuration(parsing: plan.text, file: "")
    #expect(new.sentinels(of: "mymaster").count == 3 && new.sentinels(of: "cache").count == 2)
  }

  @Test func `Another address of the same master is refused, and it says how`() {
    let text = SetupExample.plan().text
    let plan = plan(text, SetupExample.request("10.77.0.99"))
    #expect(plan.isRefused("gives mymaster another address: vip mymaster 10.77.0.100/24 dev auto"))
    #expect(plan.isRefused("line ", "add 'vip mymaster 10.77.0.99/24 dev auto'"))
    #expect(plan.text == "")
    let two = text + "vip mymaster 10.77.0.99/24 dev auto\n"
    #expect(self.plan(two, SetupExample.request("10.77.0.99")).change == .nothing)
  }

  @Test func `What is said must not differ from what stands there`() {
    let text = SetupExample.plan().text.replacing("dev auto", with: "dev eth0")
    #expect(plan(text).change == .nothing)
    #expect(plan(text, SetupExample.request(interface: "eth0")).change == .nothing)
    let twin = SetupExample.plan(SetupExample.request(interface: "eth1")) {
      $0.existing = text
      $0.interfaces = $0.interfaces.map { InterfaceFacts(name: "eth1", prefix: $0.prefix) }
    }
    #expect(twin.isRefused("has it otherwise", "dev eth1"))
  }

  @Test func `A fence is added to what is there, and never put over an off`() {
    var request = SetupExample.request()
    request.wantsFence = true
    let text = SetupExample.plan().text
    #expect(
      plan(text, request).text.hasSuffix(
        "\n# mymaster: added by vipctl setup.\nfence mymaster min-replicas all max-lag 1\n"))
    #expect(plan(text + "fence mymaster min-replicas 1\n", request).change == .nothing)
    #expect(plan(text + "fence mymaster off\n", request).isRefused("switches the fence off"))
  }

  @Test func `A login that differs from the file's is refused, and the file's is used`() {
    let text =
      SetupExample.plan().text
      + "auth-user redis mymaster vipd\nauth-pass-file redis mymaster /etc/vipd/p\n"
    let completed = SetupSurvey.complete(SetupExample.request(), by: text)
    #expect(completed.redisLogin == SetupRequest.Login(user: "vipd", file: "/etc/vipd/p"))
    #expect(completed.sentinelLogin == nil)
    var request = SetupExample.request()
    request.redisLogin = SetupRequest.Login(user: "vipd", file: "/etc/vipd/q")
    let plan = SetupExample.plan(request) {
      $0.existing = text
      $0.redis[0].needsLogin = true
    }
    #expect(plan.isRefused("another user or password file for redis mymaster: /etc/vipd/p"))
  }

  @Test func `A file with errors is refused with its lines`() {
    let plan = plan("nonsense\n")
    #expect(plan.isRefused("/etc/vipd/vipd.conf:1:1: 'nonsense': unknown directive"))
    let unread = SetupExample.plan { $0.existingProblem = "Permission denied" }
    #expect(unread.isRefused("can't be read: Permission denied", "root"))
  }

  @Test func `Sentinels that the file lacks are told and not added`() {
    let text = SetupExample.plan().text.replacing("sentinel 10.77.0.2 26379\n", with: "")
    let plan = plan(text)
    #expect(plan.change == .nothing)
    #expect(
      plan.remarks.map(\.text) == [
        "/etc/vipd/vipd.conf does not name 10.77.0.2:26379; vipd finds them by the others"
      ])
  }

  @Test func `A machine that answers for every address is named in the file and no obstacle`() {
    let mac = "02:00:00:00:00:09"
    func plan(_ existing: String?) -> SetupPlan {
      SetupExample.plan {
        $0.existing = existing
        $0.claim = .elsewhere(mac: mac, masterMAC: nil, runID: nil)
      }
    }
    #expect(plan(nil).isRefused("another machine answers"))
    let probe = "probe mymaster ignore 02:00:00:00:00:08 \(mac)\n"
    #expect(plan(probe).refusals == [])
    #expect(plan(probe).text.hasPrefix(probe))
    #expect(plan("probe mymaster off\n").refusals == [])
    #expect(plan("probe other off\n").isRefused("another machine answers"))
  }

  @Test(arguments: [(user: "vipd" as String?, isTold: true), (user: nil, isTold: false)])
  func `Rights are told for a user of vipd, and never for the default user`(
    user: String?, isTold: Bool
  ) {
    var request = SetupExample.request()
    request.redisLogin = SetupRequest.Login(user: user, file: "/etc/vipd/r.pass")
    request.sentinelLogin = SetupRequest.Login(user: user, file: "/etc/vipd/s.pass")
    let plan = SetupExample.plan(request) {
      $0.redis[0].needsLogin = true
      $0.asked[0].needsLogin = true
    }
    let text = SetupText(style: .plain, plan: plan).text(isWriting: false)
    #expect(text.contains("The user needs, on every host") == isTold)
    #expect(text.contains("ACL SETUSER vipd") == isTold)
    #expect(!text.contains("ACL SETUSER default"))
  }

  @Test(arguments: ["plain", "#hash", "it's", "a\"b\\c", "two words", "ümlaut"])
  func `A word is read again as it was`(word: String) {
    let line = DirectiveLine("vip \(SetupFile.quoted(word)) x".utf8)
    #expect(line.words.map(\.text) == ["vip", word, "x"])
    #expect(line.flaw == nil)
  }

  @Test func `The rights stand in the manual as they are told`() throws {
    let page = try String(
      contentsOf: Self.root.appending(path: "docs/operations.md"), encoding: .utf8)
    #expect(page.contains("\n\(AccessRights.redis(hasFence: true))\n"))
    #expect(page.contains("\n\(AccessRights.sentinel())\n"))
  }
}
