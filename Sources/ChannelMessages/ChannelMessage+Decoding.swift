import Addresses
import FailoverCore

extension ChannelMessage {
  /// Reads the text of a message.
  ///
  /// With a key, the code is checked before anything else is read. Without one, a code is
  /// skipped: who has no key believes everybody, and says so in `status`.
  ///
  /// - Throws: why the text is not a message of this group.
  public init(
    decoding text: [UInt8], masterName: String, key: ChannelKey?
  ) throws(ChannelMessageError) {
    guard text.count <= Self.longest else { throw .tooLong(text.count) }
    guard text.allSatisfy({ (0x20...0x7e).contains($0) }) else { throw .notAMessage }
    if let key { try Self.authenticate(text, masterName: masterName, key: key) }
    var words = text.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)[...]
    try Self.checkVersion(words.popFirst() ?? [])
    guard let kind = words.popFirst().map({ String(decoding: $0, as: UTF8.self) }) else {
      throw .notAMessage
    }
    let fields = try Fields(words)
    let body = try Self.body(kind: kind, fields)
    self.init(
      sender: try fields.hex("id"), sequence: try fields.number("seq", from: 1), body: body)
  }

  private static func checkVersion(_ word: ArraySlice<UInt8>) throws(ChannelMessageError) {
    let name = Array("vipd".utf8)
    let version = word.dropFirst(name.count)
    guard word.starts(with: name), (1...4).contains(version.count),
      version.allSatisfy({ (0x30...0x39).contains($0) })
    else { throw .notAMessage }
    guard Array(version) == Array("1".utf8) else { throw .unsupportedVersion }
  }

  /// Checks the code, which stands last: ` mac=` and 64 hexadecimal digits.
  private static func authenticate(
    _ text: [UInt8], masterName: String, key: ChannelKey
  ) throws(ChannelMessageError) {
    let marker = Array(" mac=".utf8)
    let start = text.count - marker.count - 2 * SHA256.digestLength
    guard start >= 0, text[start...].starts(with: marker) else { throw .unauthenticated }
    var code: [UInt8] = []
    var index = start + marker.count
    while index < text.count {
      guard let high = Fields.hexDigit(text[index]), let low = Fields.hexDigit(text[index + 1])
      else { throw .unauthenticated }
      code.append(high << 4 | low)
      index += 2
    }
    guard key.isValid(code, for: signedBytes(Array(text[..<start]), masterName)) else {
      throw .forged
    }
  }

  private static func body(kind: String, _ fields: Fields) throws(ChannelMessageError) -> Body {
    switch kind {
    case "state":
      .state(try state(fields))
    case "yielded":
      .notice(
        .yielded(
          from: try fields.endpoint("node"), target: try fields.endpoint("target"),
          epoch: try fields.number("epoch"), nonce: try fields.hex("nonce")))
    case "selected":
      .notice(
        .selected(
          from: try fields.endpoint("node"), epoch: try fields.number("epoch"),
          nonce: try fields.hex("nonce")))
    case "move-offered":
      .notice(.moveOffered(try offer(fields)))
    case "move-answered":
      .notice(
        .moveAnswered(
          from: try fields.endpoint("node"), id: try fields.hex("move"),
          round: try fields.number("round"), refusal: try refusal(fields)))
    case "move-ended":
      .notice(.moveEnded(from: try fields.endpoint("node"), id: try fields.hex("move")))
    case "move-arrived":
      .notice(.moveArrived(from: try fields.endpoint("node"), id: try fields.hex("move")))
    case "move":
      .move(try forwardedMove(fields))
    case "move-line":
      .moveLine(try forwardedLine(fields))
    case "sessions":
      .sessions(try news(fields))
    case "sessions-wanted":
      .sessionsWanted(from: try wanted(fields))
    case "check":
      .check(try check(fields))
    case "checked":
      .checked(try checkAnswer(fields))
    case "sentinel-forgotten":
      .sentinelForgotten(runID: try forgottenSentinel(fields))
    default:
      throw .unknownKind(String(kind.prefix(32)))
    }
  }

  private static func forgottenSentinel(_ fields: Fields) throws(ChannelMessageError) -> String {
    guard try fields.flag("whole") else { throw .malformed("whole") }
    let runID = try fields.text("run-id")
    guard (1...longestVersion).contains(runID.utf8.count), runID.utf8.allSatisfy(isVersionByte)
    else { throw .malformed("run-id") }
    return runID == "-" ? "" : runID
  }

  private static func state(_ fields: Fields) throws(ChannelMessageError) -> NodeState {
    let version = try fields.text("version")
    guard (1...longestVersion).contains(version.utf8.count),
      version.utf8.allSatisfy(isVersionByte)
    else { throw .malformed("version") }
    guard let fence = FenceState(rawValue: try fields.text("fence")) else {
      throw .malformed("fence")
    }
    var state = NodeState(
      node: nil, isHolding: try fields.flag("holds"), fence: fence, version: version,
      isPaused: try fields.flag("paused"), configEpoch: try fields.number("epoch"))
    if fields.has("node") { state.node = try fields.endpoint("node") }
    if fields.has("rules") {
      let rules = try fields.text("rules")
      guard isRules(rules) else { throw .malformed("rules") }
      state.rules = rules
    }
    // A word of a later version is no word.
    if fields.has("links") {
      state.areLinksUp = ["up": true, "down": false][try fields.text("links")]
    }
    if fields.has("lease") {
      // A day: no lease is longer than seconds, and a sum of durations must not overflow.
      state.leaseRemaining = .milliseconds(
        Int64(min(try fields.number("lease"), 86_400_000)))
    }
    return state
  }
}

extension ChannelMessage {
  fileprivate static func news(_ fields: Fields) throws(ChannelMessageError) -> SessionNews {
    var news = SessionNews(
      node: try fields.endpoint("node"), table: try fields.hex("table"),
      step: try fields.number("step", from: 1), isWhole: try fields.flag("whole"))
    guard fields.has("vip") else { return news }
    guard let address = IPAddress(try fields.text("vip")) else { throw .malformed("vip") }
    news.address = address
    news.added = try clients(fields, "add", of: address)
    news.removed = try clients(fields, "drop", of: address)
    return news
  }

  fileprivate static func wanted(_ fields: Fields) throws(ChannelMessageError) -> Endpoint {
    guard try fields.flag("whole") else { throw .malformed("whole") }
    return try fields.endpoint("node")
  }

  private static func clients(
    _ fields: Fields, _ name: String, of address: IPAddress
  ) throws(ChannelMessageError) -> [PackedEndpoint] {
    guard fields.has(name) else { return [] }
    guard let clients = SessionNews.clients(try fields.text(name), of: address) else {
      throw .malformed(name)
    }
    return clients
  }
}

/// The fields of one message.
struct Fields {
  private var values: [String: String] = [:]

  init(_ words: some Sequence<ArraySlice<UInt8>>) throws(ChannelMessageError) {
    for word in words {
      let text = String(decoding: word, as: UTF8.self)
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
        throw .malformed(String(text.prefix(32)))
      }
      let name = String(text[..<equals])
      let value = String(text[text.index(after: equals)...])
      guard values.updateValue(value, forKey: name) == nil else {
        throw .repeated(String(name.prefix(32)))
      }
    }
  }

  func has(_ name: String) -> Bool { values[name] != nil }

  func text(_ name: String) throws(ChannelMessageError) -> String {
    guard let value = values[name] else { throw .missing(name) }
    return value
  }

  func flag(_ name: String) throws(ChannelMessageError) -> Bool {
    switch try text(name) {
    case "yes": true
    case "no": false
    default: throw .malformed(name)
    }
  }

  func number(_ name: String, from least: UInt64 = 0) throws(ChannelMessageError) -> UInt64 {
    let value = try text(name)
    guard value.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt64(value),
      number >= least
    else { throw .malformed(name) }
    return number
  }

  /// Sixteen hexadecimal digits.
  func hex(_ name: String) throws(ChannelMessageError) -> UInt64 {
    let value = try text(name)
    guard value.utf8.count == 16, value.utf8.allSatisfy({ Self.hexDigit($0) != nil }),
      let number = UInt64(value, radix: 16)
    else { throw .malformed(name) }
    return number
  }

  func endpoint(_ name: String) throws(ChannelMessageError) -> Endpoint {
    guard let endpoint = Endpoint(try text(name)) else { throw .malformed(name) }
    return endpoint
  }

  /// The value of a lower-case hexadecimal digit.
  static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}
