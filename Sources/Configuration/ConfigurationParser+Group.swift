import Addresses
import FailoverCore

/// The directives that concern one group.
extension ConfigurationParser {
  /// Takes a master name, and remembers that it stood here.
  mutating func masterName(_ reader: inout DirectiveReader) -> String? {
    guard let name = reader.value("the name of a master", ValueRules.masterName) else { return nil }
    mentions.append(name)
    return name.value
  }

  /// `vip MASTER ADDRESS/LENGTH dev INTERFACE`.
  mutating func readVirtualAddress(_ reader: inout DirectiveReader) {
    let name = reader.value("the name of a master", ValueRules.masterName)
    let index = name.map { groupIndex(of: $0.value) }
    let prefix = reader.value(
      "an address with the prefix length of its subnet, as in 10.77.0.100/24"
    ) { $0.utf8.contains(UInt8(ascii: "/")) ? Prefix($0) : nil }
    reader.keyword("dev")
    let interface = readInterface(&reader)
    if let prefix, let objection = Self.objection(to: prefix.value) {
      reader.complain(objection, at: prefix.place)
      return
    }
    guard let index, let prefix, let interface else { return }
    let virtualAddress = VirtualAddress(
      address: prefix.value.address, interface: interface.value,
      subnetPrefixLength: prefix.value.length)
    groups[index].virtualAddresses.append(Located(value: virtualAddress, place: prefix.place))
  }

  /// The name of an interface, another name of it, or `auto`.
  private func readInterface(_ reader: inout DirectiveReader) -> Located<String>? {
    let expected = "the name of an interface without '/' and ':', or auto"
    guard let word = reader.word(expected) else { return nil }
    if let name = ValueRules.interfaceName(word.value) {
      return Located(value: name, place: word.place)
    }
    let parts = word.value.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2, let name = ValueRules.interfaceName(String(parts[0])) {
      reader.complain("behind the '@' ip shows what is below: write \(name)", at: word.place)
    } else {
      reader.complain("expected \(expected)", at: word.place)
    }
    return nil
  }

  /// Why an address can't be a virtual one, if it can't.
  private static func objection(to prefix: Prefix) -> String? {
    let address = prefix.address
    if address.isUnspecified { return "expected the address of one host, not the unspecified one" }
    if address.isMulticast { return "expected the address of one host, not a multicast group" }
    if address.isLoopback { return "expected an address that others can reach, not loopback" }
    if prefix.length == 0 { return "expected a prefix length of at least 1" }
    guard case .v4(let address) = address else { return nil }
    if address.rawValue >> 24 == 0 || address.rawValue >> 28 == 0xf {
      return "expected a unicast address (RFC 6890 reserves 0.0.0.0/8 and 240.0.0.0/4)"
    }
    guard prefix.length < 31 else { return nil }
    let hostBits = ~UInt32(0) >> UInt32(prefix.length)
    switch address.rawValue & hostBits {
    case 0: return "expected the address of one host, not of its network"
    case hostBits: return "expected the address of one host, not its network's broadcast address"
    default: return nil
    }
  }

  /// `redis MASTER ADDRESS PORT [at LOCAL PORT]`.
  mutating func readRedis(_ reader: inout DirectiveReader) {
    let name = masterName(&reader)
    if let name { once(.redis, scope: name, &reader) }
    let named = endpoint("this node's address as Sentinel names it", &reader)
    if let named, named.value.address.isLoopback {
      reader.complain(
        "every host takes this address for itself: expected the one by which Sentinel names this "
          + "node; where it is reached from here may follow, as in 'at \(named.value.address) "
          + "\(named.value.port)'", at: named.place)
      return skipRest(of: &reader)
    }
    var local: Located<Endpoint>?
    if named != nil, reader.hasMore {
      reader.keyword("at")
      local = endpoint("the address at which this host reaches it", &reader)
      guard local != nil else { return }
    }
    guard let name, let named else { return }
    settings[name, default: GroupSettings()].redis = named
    settings[name, default: GroupSettings()].redisLocal = local
  }

  /// Reads the address of one host, and a port.
  private func endpoint(
    _ expected: String, _ reader: inout DirectiveReader
  ) -> Located<Endpoint>? {
    let address = reader.value(expected) { text in
      IPAddress(text).flatMap { $0.isUnspecified || $0.isMulticast ? nil : $0 }
    }
    let port = reader.value("a port, 1 to 65535", ValueRules.port)
    guard let address, let port else { return nil }
    return Located(
      value: Endpoint(address: address.value, port: port.value), place: address.place)
  }

  /// `lease MASTER auto|DURATION`.
  mutating func readLease(_ reader: inout DirectiveReader) {
    let name = masterName(&reader)
    if let name { once(.lease, scope: name, &reader) }
    let limit = reader.value("'auto' or a duration from 500ms to 5s") { text -> Duration?? in
      text == "auto"
        ? .some(nil) : ValueRules.duration(text, in: ValueRules.leases).map(Optional.some)
    }
    guard let name, let limit else { return }
    settings[name, default: GroupSettings()].leaseLimit = limit.value
  }

  /// `blind MASTER release|replicas|hold`.
  mutating func readBlind(_ reader: inout DirectiveReader) {
    let name = masterName(&reader)
    if let name { once(.blind, scope: name, &reader) }
    let policy = reader.value(
      "release, replicas or hold", GroupConfiguration.BlindPolicy.init(rawValue:))
    guard let name, let policy else { return }
    settings[name, default: GroupSettings()].blindPolicy = policy.value
    switch policy.value {
    case .release: break
    case .replicas: caution("two holders for up to a second are possible", at: policy.place)
    case .hold:
      caution("unsafe: an isolated master keeps the address until the cut heals", at: policy.place)
    }
  }

  /// `fence MASTER off`, or `fence MASTER min-replicas all|N [max-lag SECONDS]`.
  mutating func readFence(_ reader: inout DirectiveReader) {
    let name = masterName(&reader)
    if let name { once(.fence, scope: name, &reader) }
    let mode = reader.value("'off' or 'min-replicas'") {
      ["off", "min-replicas"].contains($0) ? $0 : nil
    }
    guard let mode else { return skipRest(of: &reader) }
    guard mode.value == "min-replicas" else { return }
    let count = reader.value("'all' or a number of replicas, 1 to 1000") { text in
      text == "all"
        ? FencePolicy.Count.all
        : ValueRules.number(text, in: ValueRules.replicaCounts).map { .exactly($0) }
    }
    var lag: Int? = 1
    if reader.hasMore {
      reader.keyword("max-lag")
      let seconds = reader.value("a whole number of seconds, 1 to 60") {
        ValueRules.number($0, in: ValueRules.lags)
      }
      lag = seconds?.value
    }
    guard let name, let count, let lag else { return }
    settings[name, default: GroupSettings()].fence = .minReplicas(count.value, maxLagSeconds: lag)
  }

  /// `announce MASTER [rounds N] [interval DURATION] [refresh DURATION|off]`.
  mutating func readAnnounce(_ reader: inout DirectiveReader) {
    let name = masterName(&reader)
    if let name { once(.announce, scope: name, &reader) }
    var plan = AnnouncementPlan()
    var options: Set<String> = []
    repeat {
      guard let option = reader.word("rounds, interval or refresh") else { return }
      guard options.insert(option.value).inserted else {
        reader.complain("repeated in this line", at: option.place)
        return skipRest(of: &reader)
      }
      guard readOption(option, into: &plan, &reader) else { return skipRest(of: &reader) }
    } while reader.hasMore
    guard let name else { return }
    settings[name, default: GroupSettings()].announcement = plan
  }

  /// Reads the value of one option of `announce`; false if the option isn't known.
  private func readOption(
    _ option: Located<String>, into plan: inout AnnouncementPlan, _ reader: inout DirectiveReader
  ) -> Bool {
    switch option.value {
    case "rounds":
      let rounds = reader.value("a number of rounds, 1 to 100") {
        ValueRules.number($0, in: ValueRules.rounds)
      }
      plan.rounds = rounds?.value ?? plan.rounds
    case "interval":
      let interval = reader.value("a duration from 100ms to 60s") {
        ValueRules.duration($0, in: ValueRules.intervals)
      }
      plan.interval = interval?.value ?? plan.interval
    case "refresh":
      let refresh = reader.value("'off' or a duration from 1s to 1h") { text -> Duration?? in
        text == "off"
          ? .some(nil) : ValueRules.duration(text, in: ValueRules.refreshes).map(Optional.some)
      }
      if let refresh { plan.refresh = refresh.value }
    default:
      reader.complain("expected rounds, interval or refresh", at: option.place)
      return false
    }
    return true
  }

  /// `probe MASTER off`, or `probe MASTER ignore MAC [MAC…]`.
  mutating func readProbe(_ reader: inout DirectiveReader) {
    let name = masterName(&reader)
    if let name { once(.probe, scope: name, &reader) }
    let mode = reader.value("'off' or 'ignore'") { ["off", "ignore"].contains($0) ? $0 : nil }
    guard let mode else { return skipRest(of: &reader) }
    if mode.value == "off" {
      caution(
        "an address is taken also where another host has it and Sentinel does not know of that",
        at: mode.place)
      if let name { settings[name, default: GroupSettings()].probesForDuplicates = false }
      return
    }
    var ignored: Set<MACAddress> = []
    repeat {
      let mac = reader.value("an Ethernet address, as in 02:00:0a:4d:00:0b") { text in
        MACAddress(text).flatMap { $0 == .zero || $0.octets[0] & 1 != 0 ? nil : $0 }
      }
      guard let mac else { return skipRest(of: &reader) }
      guard ignored.insert(mac.value).inserted else {
        reader.complain("repeated in this line", at: mac.place)
        return skipRest(of: &reader)
      }
    } while reader.hasMore
    guard let name else { return }
    settings[name, default: GroupSettings()].ignoredClaimants = ignored
  }

  /// `on-carrier-loss MASTER move|stay`.
  mutating func readOnCarrierLoss(_ reader: inout DirectiveReader) {
    let name = masterName(&reader)
    if let name { once(.onCarrierLoss, scope: name, &reader) }
    let answer = reader.value("move or stay") { ["move": true, "stay": false][$0] }
    guard let name, let answer, answer.value else { return }
    settings[name, default: GroupSettings()].movesOnCarrierLoss = answer.place
  }

  /// `on-death MASTER failover|wait`.
  mutating func readOnDeath(_ reader: inout DirectiveReader) {
    let name = masterName(&reader)
    if let name { once(.onDeath, scope: name, &reader) }
    let policy = reader.value("failover or wait", DeathPolicy.init(rawValue:))
    guard let name, let policy else { return }
    settings[name, default: GroupSettings()].deathPolicy = policy.value
  }

  /// `channel-key-file MASTER FILE`.
  mutating func readChannelKeyFile(_ reader: inout DirectiveReader) {
    let name = masterName(&reader)
    if let name { once(.channelKeyFile, scope: name, &reader) }
    let path = reader.value("an absolute path: the key stands in a file of its own") {
      ValueRules.path($0, limit: ValueRules.maxPath)
    }
    guard let name, let path else { return }
    settings[name, default: GroupSettings()].channelKeyFile = path.value
  }

  /// `notify MASTER PROGRAM`.
  mutating func readNotify(_ reader: inout DirectiveReader) {
    let name = masterName(&reader)
    if let name { once(.notify, scope: name, &reader) }
    let path = reader.value("the absolute path of a program, without arguments") {
      ValueRules.path($0, limit: ValueRules.maxPath)
    }
    guard let name, let path else { return }
    settings[name, default: GroupSettings()].notifyProgram = path.value
  }
}
