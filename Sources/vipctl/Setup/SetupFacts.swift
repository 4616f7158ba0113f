import Addresses

/// A Redis or a Sentinel: an address or a name, and a port.
struct ServerNode: Hashable, Comparable, CustomStringConvertible {
  /// The address in its usual form, or the name.
  var host: String
  /// The port.
  var port: UInt16

  init(host: String, port: UInt16) {
    self.host = IPAddress(host)?.description ?? host
    self.port = port
  }

  init(_ address: IPAddress, port: UInt16) {
    host = address.description
    self.port = port
  }

  /// Reads `HOST` or `HOST:PORT`; an IPv6 address with a port stands in brackets.
  init?(_ text: String, defaultPort: UInt16) {
    if let endpoint = Endpoint(text), endpoint.port > 0 {
      self.init(endpoint.address, port: endpoint.port)
    } else if let address = IPAddress(text) {
      self.init(address, port: defaultPort)
    } else {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard let host = parts.first, !host.isEmpty, parts.count <= 2 else { return nil }
      guard let port = parts.count == 2 ? UInt16(parts[1]) : defaultPort, port > 0 else {
        return nil
      }
      self.init(host: String(host), port: port)
    }
  }

  /// The address, where the host is no name.
  var address: IPAddress? { IPAddress(host) }

  /// Whether every host would take it for itself.
  var isLoopback: Bool { address?.isLoopback ?? (host == "localhost") }

  /// `10.77.0.1:6379`, `[fd77::1]:6379` or `redis1:6379`.
  var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// Orders addresses by their number, names behind them, so that all hosts write one order.
  static func < (left: ServerNode, right: ServerNode) -> Bool {
    switch (left.address, right.address) {
    case (let one?, let other?): (one, left.port) < (other, right.port)
    case (nil, nil): (left.host, left.port) < (right.host, right.port)
    case (let one, _): one != nil
    }
  }
}

/// What the operator asks for.
struct SetupRequest: Equatable {
  /// The name in `sentinel monitor`.
  var master: String
  /// The virtual address.
  var address: IPAddress
  /// The length of its subnet's prefix; nothing to find it.
  var length: UInt8?
  /// The interface by name; nothing for `auto`.
  var interface: String?
  /// Whether Redis is to refuse writes that would be lost.
  var wantsFence = false
  /// Where the configuration lies.
  var path: String
  /// How the local Redis is to be asked; nothing where it asks for no password.
  var redisLogin: Login?
  /// The same for Sentinel.
  var sentinelLogin: Login?

  /// A user and the file with the password.
  struct Login: Equatable {
    /// Nothing for the default user.
    var user: String?
    /// The path.
    var file: String
  }
}

/// What one Sentinel says.
struct SentinelFacts: Equatable {
  /// Where it was asked.
  var asked: ServerNode
  /// Its run id.
  var id = ""
  /// The names of all masters that it monitors.
  var masters: [String] = []
  /// The master of the name that was asked for, if it monitors that.
  var master: MasterFacts?
  /// The master's replicas.
  var replicas: [ServerNode] = []
  /// The other Sentinels, by run id.
  var others: [String: ServerNode] = [:]
  /// The address under which it makes itself known, as far as can be told from here.
  var announced: ServerNode?
  /// Whether it asked for a password.
  var needsLogin = false
  /// Why it gave no answer; nothing if it did.
  var problem: ServerProblem?
}

/// What a Sentinel says of a master.
struct MasterFacts: Equatable {
  /// Where it is.
  var node: ServerNode
  /// Its run id; empty if it is not known.
  var runID = ""
  /// How many Sentinels must agree that it is down.
  var quorum = 0
  /// After how long without an answer it counts as down.
  var downAfterMilliseconds = 0
}

/// What a Redis of this host says.
struct RedisFacts: Equatable {
  /// How Sentinel names it.
  var node: ServerNode
  /// What kept it from answering under that address; nothing if nothing did.
  var problem: ServerProblem?
  /// `master` or `slave`; nothing if it does not say.
  var role: String?
  /// Its run id.
  var runID: String?
  /// `7.0.15`.
  var version: String?
  /// The path of its file; empty where it was started without one.
  var file: String?
  /// The addresses of `bind`; nothing where it does not say.
  var bind: [String]?
  /// The lines of its file that decide who may connect, with their numbers: `bind`, `protected-mode`.
  var lines: [String: NumberedLine] = [:]
  /// Whether it asked for a password.
  var needsLogin = false
  /// Whether it takes the password that it was given.
  var loginProblem: ServerProblem?
  /// Its process.
  var process: Int32?
  /// The unit that runs it, where that does not call `vipctl guard` and `vipctl handover`.
  var unguardedUnit: String?
  /// The command that the user may not use, or that has another name; nothing if all can be used.
  var refusedCommand: String?
}

/// A line of a file and its number, from 1.
struct NumberedLine: Equatable {
  /// The line as it stands.
  var text: String
  /// Its number.
  var number: Int
}

/// An address of an interface of this host.
struct InterfaceFacts: Equatable {
  /// The interface.
  var name: String
  /// The address and the length of its subnet's prefix.
  var prefix: Prefix
}

/// Who answers for the virtual address now.
enum ClaimFacts: Equatable {
  /// Nobody.
  case nobody
  /// An interface of this host has it.
  case here
  /// Another host has it; the Ethernet addresses of it and of the master, and the run id of the Redis
  /// that answers there, as far as they are known.
  case elsewhere(mac: String?, masterMAC: String?, runID: String?)
}

/// The unit that runs the daemon.
struct UnitFacts: Equatable {
  /// Whether this host runs systemd.
  var hasSystemd = false
  /// Whether there is such a unit, and it may be started.
  var load = ""
  /// `active`, `inactive` and so on.
  var active = ""
  /// `enabled`, `disabled` and so on.
  var enabled = ""
  /// The configuration that it names.
  var path: String?

  /// Whether the daemon runs, or is about to.
  var isRunning: Bool { ["active", "reloading", "activating"].contains(active) }
  /// Whether it starts at boot.
  var isEnabled: Bool { ["enabled", "enabled-runtime", "static", "linked"].contains(enabled) }
}

/// A file with a password.
struct SecretFacts: Equatable {
  /// The path.
  var path: String
  /// What is wrong with it and what to do; nothing if it can be used.
  var problem: SetupRemark?
}

/// A sentence, and what to do about it.
struct SetupRemark: Equatable {
  /// What is so.
  var text: String
  /// What to do; empty if nothing.
  var remedy = ""
}

/// All that was found out before anything is decided.
struct SetupFacts: Equatable {
  /// The Sentinels that were asked by what the operator said or by default, in that order.
  var asked: [SentinelFacts] = []
  /// The Sentinels that those list, each asked under the listed address.
  var listed: [SentinelFacts] = []
  /// The addresses of this host's interfaces.
  var interfaces: [InterfaceFacts] = []
  /// The Redis instances that Sentinel names under an address of this host.
  var redis: [RedisFacts] = []
  /// Whether a Redis answers on this host that Sentinel does not name.
  var strangers: [ServerNode] = []
  /// Who has the virtual address.
  var claim = ClaimFacts.nobody
  /// `net.ipv4.ip_nonlocal_bind`, or that of IPv6.
  var bindsNonlocal = false
  /// The configuration that is there; nothing if none is.
  var existing: String?
  /// Why it could not be read.
  var existingProblem: String?
  /// The files with passwords.
  var secrets: [SecretFacts] = []
  /// The unit.
  var unit = UnitFacts()
}
