import Addresses
import FailoverCore

/// The directives that concern the daemon as a whole.
extension ConfigurationParser {
  /// `sentinel HOST PORT`, or `sentinel MASTER HOST PORT` with one word more.
  mutating func readSentinel(_ reader: inout DirectiveReader) {
    var name: String?
    if reader.remaining > 2 {
      name = masterName(&reader)
      sentinelOwners.insert(name ?? "")
    } else {
      hasSentinelLine = true
    }
    let host = reader.value("an address or a host name", ValueRules.host)
    let port = reader.value("a port, 1 to 65535", ValueRules.port)
    if let host, case .address(let address) = host.value,
      address.isUnspecified || address.isMulticast
    {
      reader.complain("expected the address of one host", at: host.place)
      return
    }
    guard let host, let port else { return }
    let sentinel = SentinelAddress(host: host.value, port: port.value, masterName: name)
    if let first = sentinels.first(where: { $0.value == sentinel }) {
      reader.complain(
        "repeated: \(sentinel) already stands in line \(first.place.line)", at: host.place)
      return
    }
    sentinels.append(Located(value: sentinel, place: host.place))
  }

  /// `daemonless yes|no`.
  mutating func readDaemonless(_ reader: inout DirectiveReader) {
    once(.daemonless, &reader)
    guard let answer = reader.value("yes or no", { ["yes": true, "no": false][$0] }) else { return }
    isDaemonless = answer.value
    if answer.value {
      caution(
        "the hook acts alone where no daemon runs: without a lease and without repair",
        at: answer.place)
    }
  }

  /// `metrics ADDRESS PORT`, or `metrics off`.
  mutating func readMetrics(_ reader: inout DirectiveReader) {
    once(.metrics, &reader)
    let expected = "'off' or an address"
    guard let word = reader.word(expected) else { return }
    if word.value == "off" {
      metrics = nil
      return
    }
    guard let address = IPAddress(word.value), !address.isMulticast else {
      reader.complain("expected \(expected)", at: word.place)
      return
    }
    guard let port = reader.value("a port, 1 to 65535", ValueRules.port) else { return }
    metrics = Endpoint(address: address, port: port.value)
  }

  /// `on-stop release|keep|move`.
  mutating func readOnStop(_ reader: inout DirectiveReader) {
    once(.onStop, &reader)
    stopPolicy = reader.value("release, keep or move", StopPolicy.init(rawValue:))?.value
  }

  /// A directive whose only value is a path.
  mutating func readPath(
    _ directive: Directive, _ reader: inout DirectiveReader, limit: Int = ValueRules.maxPath
  ) -> Located<String>? {
    once(directive, &reader)
    return reader.value("an absolute path of at most \(limit) bytes") {
      ValueRules.path($0, limit: limit)
    }
  }

  /// `auth-user sentinel NAME`, `auth-user redis MASTER NAME`, and likewise `auth-pass-file`.
  mutating func readCredential(_ directive: Directive, _ reader: inout DirectiveReader) {
    let kind = reader.value("'sentinel' or 'redis'") {
      ["sentinel", "redis"].contains($0) ? $0 : nil
    }
    guard let kind else { return skipRest(of: &reader) }
    guard kind.value == "redis" else {
      once(directive, scope: "sentinel", &reader)
      let value = readCredentialValue(directive, &reader)
      if directive == .authUser {
        sentinelUser = value
      } else {
        sentinelPasswordFile = value?.value
      }
      return
    }
    let name = masterName(&reader)
    if let name { once(directive, scope: name, &reader) }
    guard let value = readCredentialValue(directive, &reader), let name else { return }
    if directive == .authUser {
      settings[name, default: GroupSettings()].redisUser = value
    } else {
      settings[name, default: GroupSettings()].redisPasswordFile = value.value
    }
  }

  private func readCredentialValue(
    _ directive: Directive, _ reader: inout DirectiveReader
  ) -> Located<String>? {
    guard directive == .authPassFile else {
      return reader.value("a user name", ValueRules.userName)
    }
    return reader.value("an absolute path: the password stands in a file of its own") {
      ValueRules.path($0, limit: ValueRules.maxPath)
    }
  }

  /// Takes the words that mean nothing because one before them isn't understood.
  func skipRest(of reader: inout DirectiveReader) {
    while reader.hasMore { _ = reader.word("") }
  }
}
