import Configuration
import Testing

/// What is wrong in a text, as an operator would read it, without the file's name.
func problems(_ lines: String...) -> [String] {
  problems(in: lines.joined(separator: "\n"))
}

func problems(in text: String) -> [String] {
  do {
    _ = try Configuration(parsing: text, file: "f")
    return []
  } catch {
    return error.problems.map { String($0.description.dropFirst(2)) }
  }
}

/// The problems of one line among lines that are right.
private func problems(of line: String) -> [String] {
  problems("sentinel 10.0.0.1 26379", "vip m 10.0.0.100/24 dev eth0", line)
}

@Suite struct ConfigurationErrorTests {
  @Test func `An empty file lacks a Sentinel and an address`() {
    #expect(
      problems(in: "") == [
        "1:1: the file names no Sentinel: expected a line 'sentinel HOST PORT'",
        "1:1: the file names no address: expected a line 'vip MASTER ADDRESS/LENGTH dev INTERFACE'",
      ])
  }

  @Test func `A group without a Sentinel is told where others have their own`() {
    let found = problems(
      "sentinel m 10.0.0.1 1", "vip m 10.0.0.100/24 dev eth0", "vip n 10.0.0.101/24 dev eth0")
    #expect(
      found == [
        "3:1: 'n' has no Sentinel: expected a line 'sentinel HOST PORT',"
          + " or 'sentinel MASTER HOST PORT' for this one"
      ])
  }

  @Test func `All problems are told, in the order of the file`() {
    let found = problems(
      "sentinel 10.0.0.1 0", "vip m 10.0.0.300/24 dve eth0/1 x", "leese m auto", "lease m 7s",
      "tls yes")
    #expect(
      found == [
        "1:19: '0': expected a port, 1 to 65535",
        "2:7: '10.0.0.300/24': expected an address with the prefix length of its subnet,"
          + " as in 10.77.0.100/24",
        "2:21: 'dve': expected 'dev'",
        "2:25: 'eth0/1': expected the name of an interface without '/' and ':', or auto",
        "2:32: 'x': expected the end of the line",
        "3:1: 'leese': unknown directive: did you mean 'lease'?",
        "4:9: '7s': expected 'auto' or a duration from 500ms to 5s",
        "5:5: 'yes': expected 'sentinel' or 'redis'",
      ])
  }

  @Test(arguments: [
    (
      "vip m 10.0.0.101/24 dev eth0@if7",
      "3:25: 'eth0@if7': behind the '@' ip shows what is below: write eth0"
    ),
    ("on-death m flee", "3:12: 'flee': expected failover or wait"),
    ("on-death other wait", "3:10: 'other': no 'vip' line names this master"),
    ("on-carrier-loss m go", "3:19: 'go': expected move or stay"),
    (
      "on-carrier-loss m move",
      "3:19: 'move': a move that starts by itself must lose no write: expected a line 'fence m "
        + "min-replicas all' as well"
    ),
    ("on-carrier-loss other stay", "3:17: 'other': no 'vip' line names this master"),
    ("probe m on", "3:9: 'on': expected 'off' or 'ignore'"),
    ("probe m ignore", "3:15: expected an Ethernet address, as in 02:00:0a:4d:00:0b here"),
    (
      "probe m ignore 02:00:0a:4d:00:0b ff:ff:ff:ff:ff:ff",
      "3:34: 'ff:ff:ff:ff:ff:ff': expected an Ethernet address, as in 02:00:0a:4d:00:0b"
    ),
    (
      "probe m ignore 02:00:0a:4d:00:0b 02:00:0a:4d:00:0b",
      "3:34: '02:00:0a:4d:00:0b': repeated in this line"
    ),
    ("frobnicate 1", "3:1: 'frobnicate': unknown directive"),
    ("Sentinel 10.0.0.2 26379", "3:1: 'Sentinel': unknown directive: did you mean 'sentinel'?"),
    ("statedir /x", "3:1: 'statedir': unknown directive: did you mean 'state-dir'?"),
    ("sentinel", "3:9: expected an address or a host name here"),
    ("sentinel 10.0.0.2", "3:18: expected a port, 1 to 65535 here"),
    ("sentinel 10.0.0.256 26379", "3:10: '10.0.0.256': expected an address or a host name"),
    ("sentinel a..b 26379", "3:10: 'a..b': expected an address or a host name"),
    ("sentinel 224.0.0.1 1", "3:10: '224.0.0.1': expected the address of one host"),
    ("sentinel :: 1", "3:10: '::': expected the address of one host"),
    ("sentinel h 65536", "3:12: '65536': expected a port, 1 to 65535"),
    ("sentinel nobody h 1", "3:10: 'nobody': no 'vip' line names this master"),
    ("sentinel m h 1 2", "3:16: '2': expected the end of the line"),
    ("sentinel m 10.0.0.256 1", "3:12: '10.0.0.256': expected an address or a host name"),
    ("sentinel h +1", "3:12: '+1': expected a port, 1 to 65535"),
    (
      "sentinel ::ffff:10.0.0.1 26379",
      "3:10: '::ffff:10.0.0.1': repeated: 10.0.0.1:26379 already stands in line 1"
    ),
    ("redis m here 6379", "3:9: 'here': expected this node's address as Sentinel names it"),
    ("redis n 10.0.0.1 6379", "3:7: 'n': no 'vip' line names this master"),
    (
      "redis m 127.0.0.1 6379",
      "3:9: '127.0.0.1': every host takes this address for itself: expected the one by which "
        + "Sentinel names this node; where it is reached from here may follow, as in "
        + "'at 127.0.0.1 6379'"
    ),
    ("redis m 10.0.0.1 6379 on ::1 1", "3:23: 'on': expected 'at'"),
    ("redis m 10.0.0.1 6379 at", "3:25: expected the address at which this host reaches it here"),
    ("redis m 10.0.0.1 6379 at ::1", "3:29: expected a port, 1 to 65535 here"),
    ("redis m 10.0.0.1 6379 at ::1 0", "3:30: '0': expected a port, 1 to 65535"),
    ("redis m 10.0.0.1 6379 at ::1 1 2", "3:32: '2': expected the end of the line"),
    ("lease n auto", "3:7: 'n': no 'vip' line names this master"),
    ("blind n hold", "3:7: 'n': no 'vip' line names this master"),
    ("fence n off", "3:7: 'n': no 'vip' line names this master"),
    ("announce n rounds 1", "3:10: 'n': no 'vip' line names this master"),
    ("notify n /p", "3:8: 'n': no 'vip' line names this master"),
    ("notify m p", "3:10: 'p': expected the absolute path of a program, without arguments"),
    ("channel-key-file n /k", "3:18: 'n': no 'vip' line names this master"),
    ("lease m", "3:8: expected 'auto' or a duration from 500ms to 5s here"),
    ("lease m 499ms", "3:9: '499ms': expected 'auto' or a duration from 500ms to 5s"),
    ("lease m 2", "3:9: '2': expected 'auto' or a duration from 500ms to 5s"),
    ("lease m 1.5s", "3:9: '1.5s': expected 'auto' or a duration from 500ms to 5s"),
    ("lease m -2s", "3:9: '-2s': expected 'auto' or a duration from 500ms to 5s"),
    ("blind m sometimes", "3:9: 'sometimes': expected release, replicas or hold"),
    ("fence m on", "3:9: 'on': expected 'off' or 'min-replicas'"),
    ("fence m off 1", "3:13: '1': expected the end of the line"),
    ("fence m min-replicas 0", "3:22: '0': expected 'all' or a number of replicas, 1 to 1000"),
    (
      "fence m min-replicas all max-lag 61",
      "3:34: '61': expected a whole number of seconds, 1 to 60"
    ),
    ("fence m min-replicas all lag 1", "3:26: 'lag': expected 'max-lag'"),
    ("announce m", "3:11: expected rounds, interval or refresh here"),
    ("announce m rounds 0", "3:19: '0': expected a number of rounds, 1 to 100"),
    ("announce m rounds 101", "3:19: '101': expected a number of rounds, 1 to 100"),
    ("announce m rounds", "3:18: expected a number of rounds, 1 to 100 here"),
    ("announce m interval 99ms", "3:21: '99ms': expected a duration from 100ms to 60s"),
    ("announce m refresh 2h", "3:20: '2h': expected 'off' or a duration from 1s to 1h"),
    ("announce m rounds 1 rounds 2", "3:21: 'rounds': repeated in this line"),
    ("announce m often", "3:12: 'often': expected rounds, interval or refresh"),
    ("daemonless maybe", "3:12: 'maybe': expected yes or no"),
    ("metrics on", "3:9: 'on': expected 'off' or an address"),
    ("metrics 127.0.0.1", "3:18: expected a port, 1 to 65535 here"),
    ("metrics 127.0.0.1 x", "3:19: 'x': expected a port, 1 to 65535"),
    ("on-stop flee", "3:9: 'flee': expected release, keep or move"),
    ("control here", "3:9: 'here': expected an absolute path of at most 107 bytes"),
    ("state-dir \"\"", "3:11: '': expected an absolute path of at most 4095 bytes"),
    ("auth-user nobody x", "3:11: 'nobody': expected 'sentinel' or 'redis'"),
    (
      "auth-user sentinel me",
      "3:20: 'me': expected a line 'auth-pass-file sentinel FILE' as well"
    ),
    (
      "auth-user redis m me", "3:19: 'me': expected a line 'auth-pass-file redis m FILE' as well"
    ),
    (
      "auth-pass-file sentinel hunter2",
      "3:25: 'hunter2': expected an absolute path: the password stands in a file of its own"
    ),
    ("control \"/run", "3:9: '/run': expected a closing quote"),
    ("control '/run'x", "3:15: '/run': expected a blank after the closing quote"),
    ("control \"/\\xff\"", "3:9: '/\u{fffd}': the word is not valid UTF-8"),
    ("tls", "3:4: expected 'sentinel' or 'redis' here"),
    ("tls yes please", "3:5: 'yes': expected 'sentinel' or 'redis'"),
    (
      "tls sentinel", "3:13: expected ca, cert, key, server-name, min-version or verify here"
    ),
    ("tls redis", "3:10: expected the name of a master here"),
    ("tls redis n ca /ca", "3:11: 'n': no 'vip' line names this master"),
    (
      "tls redis m cacert /ca",
      "3:13: 'cacert': expected ca, cert, key, server-name, min-version or verify"
    ),
    ("tls redis m ca", "3:15: expected the absolute path of a file or a directory here"),
    (
      "tls sentinel ca ca.crt",
      "3:17: 'ca.crt': expected the absolute path of a file or a directory"
    ),
    ("tls sentinel ca /ca ca /cb", "3:21: 'ca': repeated in this line"),
    (
      "tls sentinel ca /ca cert /c",
      "3:26: '/c': expected 'key FILE' as well: its private key"
    ),
    (
      "tls sentinel ca /ca key /k",
      "3:25: '/k': expected 'cert FILE' as well: its certificate"
    ),
    (
      "tls redis m min-version 1.3",
      "3:1: 'tls': expected 'ca FILE' in this line: the certificate of the CA that signs the "
        + "servers'"
    ),
    ("tls sentinel ca /ca min-version 1.1", "3:33: '1.1': expected 1.2 or 1.3"),
    ("tls sentinel ca /ca verify maybe", "3:28: 'maybe': expected yes or no"),
    (
      "tls sentinel ca /ca server-name 10.0.0.256",
      "3:33: '10.0.0.256': expected a host name or an address"
    ),
  ])
  func `A wrong line is answered with its place and what was expected`(
    line: String, problem: String
  ) {
    #expect(problems(of: line) == [problem])
  }

  @Test(arguments: [
    ("0.0.0.0/8", "expected the address of one host, not the unspecified one"),
    ("::/64", "expected the address of one host, not the unspecified one"),
    ("224.0.0.18/24", "expected the address of one host, not a multicast group"),
    ("ff02::1/64", "expected the address of one host, not a multicast group"),
    ("127.0.0.5/8", "expected an address that others can reach, not loopback"),
    ("::1/128", "expected an address that others can reach, not loopback"),
    ("10.0.0.7/0", "expected a prefix length of at least 1"),
    (
      "255.255.255.255/32",
      "expected a unicast address (RFC 6890 reserves 0.0.0.0/8 and 240.0.0.0/4)"
    ),
    ("10.0.0.0/24", "expected the address of one host, not of its network"),
    ("10.0.0.255/24", "expected the address of one host, not its network's broadcast address"),
    ("10.0.0.7", "expected an address with the prefix length of its subnet, as in 10.77.0.100/24"),
    (
      "10.0.0.7/33",
      "expected an address with the prefix length of its subnet, as in 10.77.0.100/24"
    ),
  ])
  func `An address that can't be a virtual one is refused`(address: String, expected: String) {
    #expect(problems(of: "vip m \(address) dev eth0") == ["3:7: '\(address)': \(expected)"])
  }

  @Test(arguments: [
    String(repeating: "n", count: 128), "a/b", "a@b@c/d", "@if7", "a:1", ".", "..", "\"a b\"",
  ])
  func `A name that no interface can have is refused`(name: String) {
    let found = problems(of: "vip m 10.0.0.7/24 dev \(name)")
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("3:23:") == true)
  }

  @Test(arguments: [
    "daemonless no", "control /a", "hook /b", "metrics off", "state-dir /c", "on-stop keep",
    "redis m 10.0.0.1 6379", "lease m auto", "blind m release", "fence m off",
    "announce m rounds 2", "auth-pass-file sentinel /d", "auth-pass-file redis m /e",
    "channel-key-file m /f", "notify m /f",
  ])
  func `A directive that stands once is refused the second time`(line: String) {
    let found = problems(
      "sentinel 10.0.0.1 26379", "vip m 10.0.0.100/24 dev eth0", line, "", "  " + line)
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("5:3: '") == true)
    #expect(found.first?.hasSuffix("it already stands in line 3") == true)
  }

  @Test func `A directive of a group may stand once for each group`() {
    let found = problems(
      "sentinel 10.0.0.1 26379", "vip m 10.0.0.100/24 dev eth0", "vip n 10.0.0.101/24 dev eth0",
      "lease m 1s", "lease n 2s", "redis m 10.0.0.1 6379", "redis n 10.0.0.1 6380")
    #expect(found.isEmpty)
  }

  @Test func `A virtual address is not where this host reaches its Redis`() {
    let found = problems(
      "vip m 10.0.0.1/24 dev eth0", "sentinel 10.0.0.9 26379",
      "redis m 10.0.0.2 6379 at 10.0.0.1 6379")
    #expect(
      found == [
        "1:7: '10.0.0.1/24': 10.0.0.1 is the address of the Redis in line 3:"
          + " a virtual address must belong to no node"
      ])
  }

  @Test func `An address belongs to one group, once, and to no node`() {
    let found = problems(
      "vip m 10.0.0.1/24 dev eth0", "vip m 10.0.0.2/24 dev eth0", "vip n 10.0.0.3/24 dev eth0",
      "vip n ::ffff:10.0.0.3/128 dev eth0", "vip n 10.0.0.3/16 dev eth1",
      "vip m 10.0.0.3/24 dev eth0", "sentinel 10.0.0.1 26379", "redis n 10.0.0.2 6379")
    #expect(
      found
        == [
          "1:7: '10.0.0.1/24': 10.0.0.1 is the address of the Sentinel in line 7:"
            + " a virtual address must belong to no node",
          "2:7: '10.0.0.2/24': 10.0.0.2 is the address of the Redis in line 8:"
            + " a virtual address must belong to no node",
          "4:7: '::ffff:10.0.0.3/128': expected an address with the prefix length of its subnet,"
            + " as in 10.77.0.100/24",
          "5:7: '10.0.0.3/16': 10.0.0.3 already stands in line 3",
          "6:7: '10.0.0.3/24': 10.0.0.3 already stands for 'n' in line 3",
        ].sorted())
  }

  @Test func `A line that can't be understood isn't called missing as well`() {
    #expect(
      problems("sentinel 10.0.0.1", "vip m 10.0.0.1/24 dev \"eth0", "lease m auto") == [
        "1:18: expected a port, 1 to 65535 here", "2:23: 'eth0': expected a closing quote",
      ])
  }

  @Test func `The control and the hook socket are two`() {
    #expect(
      problems(
        "sentinel h 1", "vip m 10.0.0.7/24 dev e", "control /run/a", "hook '/run/a'")
        == ["4:6: '/run/a': control and hook need a socket each"])
  }

  @Test func `A column counts characters, also behind tabs and other alphabets`() {
    #expect(
      problems(of: "\tlease\tm\t\"é日\" # ü") == [
        "3:10: 'é日': expected 'auto' or a duration from 500ms to 5s"
      ])
  }

  @Test func `A word can't steer the terminal on which it is shown`() {
    let word = String(repeating: "x", count: 70)
    #expect(
      problems(of: "\u{1b}[2J\(word)").first
        == "3:1: '\\u{1b}[2J\(word.prefix(56))…': unknown directive")
  }

  @Test func `A file that is far too long is refused at once`() {
    let text = String(repeating: "#\n", count: 600_000)
    #expect(
      problems(in: text)
        == ["1:1: the file has 1200000 bytes, more than 1 MiB: is it a configuration?"])
  }
}
