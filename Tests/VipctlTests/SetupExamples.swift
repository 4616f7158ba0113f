import Addresses

@testable import vipctl

/// Three hosts, each with Redis and Sentinel, seen from the first; each test changes what it is about.
enum SetupExample {
  static let master = "10.77.0.1"

  static func node(_ number: Int, _ port: UInt16 = 6379) -> ServerNode {
    ServerNode(host: "10.77.0.\(number)", port: port)
  }

  static func request(
    _ vip: String = "10.77.0.100", length: UInt8? = nil, interface: String? = nil
  ) -> SetupRequest {
    SetupRequest(
      master: "mymaster", address: IPAddress(vip) ?? .v4(IPv4Address(0, 0, 0, 0)), length: length,
      interface: interface, path: "/etc/vipd/vipd.conf")
  }

  /// What the Sentinel on a host says when it is asked under some address.
  static func sentinel(_ number: Int, at node: ServerNode? = nil) -> SentinelFacts {
    var facts = SentinelFacts(asked: node ?? self.node(number, 26379))
    facts.id = "id\(number)"
    facts.masters = ["mymaster"]
    var server = MasterFacts(node: self.node(1))
    server.runID = "run1"
    server.quorum = 2
    server.downAfterMilliseconds = 3000
    facts.master = server
    facts.replicas = [self.node(3), self.node(2)]
    for other in 1...3 where other != number {
      facts.others["id\(other)"] = self.node(other, 26379)
    }
    facts.announced = self.node(number, 26379)
    return facts
  }

  /// What the Redis on a host says.
  static func redis(_ number: Int) -> RedisFacts {
    var facts = RedisFacts(node: node(number))
    facts.role = number == 1 ? "master" : "slave"
    facts.runID = "run\(number)"
    facts.version = "7.0.15"
    facts.file = "/etc/redis/redis.conf"
    facts.bind = ["*", "-::*"]
    return facts
  }

  /// What a host finds out when all is well and nothing is set up.
  static func facts(on number: Int = 1) -> SetupFacts {
    var facts = SetupFacts()
    facts.asked = [sentinel(number, at: ServerNode(host: "127.0.0.1", port: 26379))]
    facts.listed = (1...3).map { sentinel($0) }
    facts.interfaces = ["10.77.0.\(number)/24", "fd77::\(number)/64"].compactMap { text in
      Prefix(text).map { InterfaceFacts(name: "eth0", prefix: $0) }
    }
    facts.redis = [redis(number)]
    facts.unit = UnitFacts(
      hasSystemd: true, load: "loaded", active: "inactive", enabled: "disabled",
      path: "/etc/vipd/vipd.conf")
    return facts
  }

  /// Decides, after a change.
  static func plan(
    _ request: SetupRequest = request(), _ change: (inout SetupFacts) -> Void = { _ in }
  ) -> SetupPlan {
    var facts = facts()
    change(&facts)
    return SetupPlan(request, facts)
  }
}

extension SetupPlan {
  /// The text that would be written; empty if none.
  var text: String {
    guard case .text(let text, _) = change else { return "" }
    return text
  }

  /// Whether an obstacle has a text in it, and one in what is to be done.
  func isRefused(_ text: String, _ remedy: String = "") -> Bool {
    obstacles.contains {
      $0.text.contains(text) && (remedy.isEmpty || $0.remedy.contains(remedy))
    }
  }

  /// The obstacles as sentences.
  var refusals: [String] { obstacles.map(\.text) }
}
