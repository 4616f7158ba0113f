import Addresses

/// What a single word may be: ranges and character sets, each with its source.
enum ValueRules {
  /// The longest path of a unix socket: `sun_path` has 108 bytes with the final NUL (unix(7)).
  static let maxSocketPath = 107
  /// The longest path of a file: PATH_MAX has 4096 bytes with the final NUL (limits.h).
  static let maxPath = 4095
  /// The longest master name; Sentinel has no limit, but the name stands in messages and metrics.
  static let maxMasterName = 128
  /// The longest other name of an interface: ALTIFNAMSIZ has 128 bytes with the final NUL
  /// (`linux/if.h`); the name itself has 15 at most.
  static let maxInterfaceName = 127

  /// Half a second to the 5 s at which the longest lease is capped.
  static let leases: ClosedRange<Duration> = .milliseconds(500)...(.seconds(5))
  /// A take is announced at once, so one round at least.
  static let rounds = 1...100
  /// Between two rounds; a shorter interval only loads the switches.
  static let intervals: ClosedRange<Duration> = .milliseconds(100)...(.seconds(60))
  /// Between two announcements while the address is held.
  static let refreshes: ClosedRange<Duration> = .seconds(1)...(.seconds(3600))
  /// `min-replicas-to-write`; 1,000,000 is the mark of a closed fence and must stay far away.
  static let replicaCounts = 1...1000
  /// `min-replicas-max-lag` in seconds; 0 would switch the check off (redis.conf).
  static let lags = 1...60

  /// Reads a decimal number in a range.
  static func number(_ text: String, in range: ClosedRange<Int>) -> Int? {
    guard (1...9).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let number = Int(text), range.contains(number)
    else { return nil }
    return number
  }

  /// Reads a TCP port.
  static func port(_ text: String) -> UInt16? {
    number(text, in: 1...65535).map { UInt16($0) }
  }

  /// Reads a duration in a range.
  static func duration(_ text: String, in range: ClosedRange<Duration>) -> Duration? {
    Duration(text: text).flatMap { range.contains($0) ? $0 : nil }
  }

  /// Reads the name of a master: anything but blanks and control characters.
  ///
  /// sentinel.conf speaks of `A-z 0-9 .-_`, but Sentinel doesn't hold it, so neither do we.
  static func masterName(_ text: String) -> String? {
    guard (1...maxMasterName).contains(text.utf8.count), isPlain(text) else { return nil }
    return text
  }

  /// Reads a user name: Redis refuses blanks and NUL (`acl.c ACLStringHasSpaces`).
  static func userName(_ text: String) -> String? {
    guard (1...256).contains(text.utf8.count), isPlain(text) else { return nil }
    return text
  }

  /// Reads the name of an interface (`net/core/dev.c dev_valid_name`), or another name of it
  /// (`ip link property add dev eth0 altname enp1s0`).
  ///
  /// The kernel takes `@`, but ip(8) prints what follows it and nobody names an interface so.
  static func interfaceName(_ text: String) -> String? {
    guard (1...maxInterfaceName).contains(text.utf8.count), isPlain(text), text != ".",
      text != "..", !text.utf8.contains(where: "/:@".utf8.contains)
    else { return nil }
    return text
  }

  /// Reads an absolute path.
  static func path(_ text: String, limit: Int) -> String? {
    guard text.utf8.count <= limit, text.utf8.count > 1, text.utf8.first == UInt8(ascii: "/"),
      !text.utf8.contains(0)
    else { return nil }
    return text
  }

  /// Reads an address or a host name.
  ///
  /// A name whose last label is a number is refused (RFC 1123 §2.1): `10.0.0.256` is a misspelt
  /// address and must not be asked of a name server.
  static func host(_ text: String) -> SentinelAddress.Host? {
    if let address = IPAddress(text) { return .address(address) }
    var name = Substring(text)
    if name.last == "." { name = name.dropLast() }
    guard (1...253).contains(name.utf8.count) else { return nil }
    let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard labels.allSatisfy(isLabel), let last = labels.last,
      !last.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return .name(text)
  }

  /// Whether a label has 1 to 63 letters, digits, hyphens inside, or underscores.
  private static func isLabel(_ label: Substring.UTF8View) -> Bool {
    guard (1...63).contains(label.count), label.first != UInt8(ascii: "-"),
      label.last != UInt8(ascii: "-")
    else { return false }
    return label.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
  }

  /// Whether a word has no blank and no control character.
  private static func isPlain(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { scalar in
      !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
    }
  }
}
