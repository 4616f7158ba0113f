import Configuration
import FailoverCore
import Testing

@testable import Agent

@Suite struct SharedRulesTests {
  private func rules(_ more: String, vip: String = "10.77.0.100/24 dev eth0") throws -> SharedRules
  {
    let text = "sentinel 10.77.0.1 26379\nvip mymaster \(vip)\n\(more)\n"
    let configuration = try Configuration(parsing: Array(text.utf8), file: "vipd.conf")
    return SharedRules(
      configuration.groups[0],
      sentinels: configuration.coreConfiguration(of: configuration.groups[0]).configuredSentinels)
  }

  @Test(
    "A directive that must be alike is named when it differs",
    arguments: [
      ("blind", "blind mymaster replicas"), ("lease", "lease mymaster 1500ms"),
      ("fence", "fence mymaster min-replicas all max-lag 1"), ("probe", "probe mymaster off"),
      ("probe", "probe mymaster ignore 02:00:0a:4d:00:0b"),
      ("sentinel", "sentinel 10.77.0.2 26379"), ("tls", "tls redis mymaster ca /ca"),
      ("vip", "vip mymaster 10.77.0.101/24 dev eth0"),
    ])
  func differs(name: String, line: String) throws {
    let (usual, other) = (try rules(""), try rules(line))
    #expect(usual.differences(from: other.text) == [name])
    #expect(other.differences(from: usual.text) == [name])
  }

  @Test("What may differ from host to host does not count")
  func mayDiffer() throws {
    let usual = try rules("")
    let others = [
      try rules("redis mymaster 10.77.0.1 6379"), try rules("on-stop keep"),
      try rules("", vip: "10.77.0.100/24 dev eth1"), try rules("announce mymaster rounds 7"),
    ]
    for other in others { #expect(usual.differences(from: other.text).isEmpty) }
  }

  @Test("What another version says, or nonsense, is no difference")
  func otherVersions() throws {
    let usual = try rules("")
    #expect(usual.differences(from: "later:0000,:,vip,a:b:c").isEmpty)
    #expect(usual.differences(from: "").isEmpty)
    #expect(usual.differences(from: "vip:0000") == ["vip"])
  }
}
