import Addresses
import FailoverCore
import LineCoding

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
    var words = String(decoding: text, as: UTF8.self)
      .split(separator: " ", omittingEmptySubsequences: false)[...]
    try Self.checkVersion(words.popFirst() ?? "")
    guard let kind = words.popFirst() else { throw .notAMessage }
    var fields = FieldReader(words)
    try fields.checkNames()
    let body = try Self.body(kind: kind, &fields)
    self.init(
      sender: try fields.hex("id"), sequence: try fields.number("seq", in: 1 ... .max), body: body)
  }

  private static func checkVersion(_ word: Substring) throws(ChannelMessageError) {
    let version = word.dropFirst("vipd".count)
    guard word.hasPrefix("vipd"), (1...4).contains(version.utf8.count), isNumber(version) else {
      throw .notAMessage
    }
    guard version == "1" else { throw .unsupportedVersion }
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
      guard let high = hexDigit(text[index]), let low = hexDigit(text[index + 1])
      else { throw .unauthenticated }
      code.append(high << 4 | low)
      index += 2
    }
    guard key.isValid(code, for: signedBytes(Array(text[..<start]), masterName)) else {
      throw .forged
    }
  }

  private static func body(
    kind: Substring, _ fields: inout FieldReader
  ) throws(ChannelMessageError) -> Body {
    switch kind {
    case "state": try .state(state(&fields))
    case "yielded":
      try .notice(
        .yielded(
          from: fields.endpoint("node"), target: fields.endpoint("target"),
          epoch: fields.number("epoch"), nonce: fields.hex("nonce")))
    case "selected":
      try .notice(
        .selected(
          from: fields.endpoint("node"), epoch: fields.number("epoch"),
          nonce: fields.hex("nonce")))
    case "move-offered": try .notice(.moveOffered(offer(&fields)))
    case "move-answered":
      try .notice(
        .moveAnswered(
          from: fields.endpoint("node"), id: fields.hex("move"), round: fields.number("round"),
          refusal: refusal(&fields)))
    case "move-ended":
      try .notice(.moveEnded(from: fields.endpoint("node"), id: fields.hex("move")))
    case "move-arrived":
      try .notice(.moveArrived(from: fields.endpoint("node"), id: fields.hex("move")))
    case "replica-stops": try .notice(.replicaStops(stopping(&fields)))
    case "replica-dismissed":
      try .notice(.replicaDismissed(stopping(&fields), from: fields.endpoint("node")))
    case "replica-awaited":
      try .notice(.replicaAwaited(stopping(&fields), from: fields.endpoint("node")))
    case "move": try .move(forwardedMove(&fields))
    case "move-line": try .moveLine(forwardedLine(&fields))
    case "sessions": try .sessions(news(&fields))
    case "sessions-wanted": try .sessionsWanted(from: wanted(&fields))
    case "check": try .check(check(&fields))
    case "checked": try .checked(checkAnswer(&fields))
    case "facts-wanted": try .factsWanted(factsQuestion(&fields))
    case "facts": try .facts(factsPart(&fields))
    case "sentinel-forgotten": try .sentinelForgotten(runID: forgottenSentinel(&fields))
    default: throw .unknownKind(String(kind.prefix(32)))
    }
  }

  private static func wanted(
    _ fields: inout FieldReader
  ) throws(ChannelMessageError) -> Endpoint {
    try fields.checkWhole()
    return try fields.endpoint("node")
  }

  private static func stopping(
    _ fields: inout FieldReader
  ) throws(ChannelMessageError) -> Endpoint {
    try fields.checkWhole()
    return try fields.endpoint("replica")
  }

  private static func forgottenSentinel(
    _ fields: inout FieldReader
  ) throws(ChannelMessageError) -> String {
    try fields.checkWhole()
    let runID = try fields.version("run-id")
    return runID == "-" ? "" : runID
  }

  private static func state(_ fields: inout FieldReader) throws(ChannelMessageError) -> NodeState {
    let version = try fields.version("version")
    let fence = try fields.read("fence") { FenceState(rawValue: String($0)) }
    var state = try NodeState(
      node: nil, isHolding: fields.flag("holds"), fence: fence, version: version,
      isPaused: fields.flag("paused"), configEpoch: fields.number("epoch"))
    state.node = try fields.endpointIfAny("node")
    state.rules = try fields.readIfAny("rules") { isRules(String($0)) ? String($0) : nil }
    // A word of a later version is no word.
    state.areLinksUp = fields.takeValue(of: "links").flatMap { ["up": true, "down": false][$0] }
    if fields.has("lease") {
      // A day: no lease is longer than seconds, and a sum of durations must not overflow.
      state.leaseRemaining = .milliseconds(
        Int64(min(try fields.number("lease"), 86_400_000)))
    }
    return state
  }

  private static func news(_ fields: inout FieldReader) throws(ChannelMessageError) -> SessionNews {
    var news = try SessionNews(
      node: fields.endpoint("node"), table: fields.hex("table"),
      step: fields.number("step", in: 1 ... .max), isWhole: fields.flag("whole"))
    guard let address = try fields.readIfAny("vip", { IPAddress($0) }) else { return news }
    news.address = address
    news.added = try fields.readIfAny("add") { SessionNews.clients($0, of: address) } ?? []
    news.removed = try fields.readIfAny("drop") { SessionNews.clients($0, of: address) } ?? []
    return news
  }
}

// How a message reads its values.
extension FieldReader {
  /// Checks that every word is a field, and that none stands twice.
  fileprivate func checkNames() throws(ChannelMessageError) {
    var names: Set<Substring> = []
    for field in rest {
      guard let name = field.name, !name.isEmpty else {
        throw .malformed(String(field.word.prefix(32)))
      }
      guard names.insert(name).inserted else { throw .repeated(String(name.prefix(32))) }
    }
  }

  /// Checks the last word of a message that could be cut off unnoticed.
  fileprivate mutating func checkWhole() throws(ChannelMessageError) {
    guard try flag("whole") else { throw .malformed("whole") }
  }

  mutating func read<Value>(
    _ name: String, _ read: (Substring) -> Value?
  ) throws(ChannelMessageError) -> Value {
    guard let word = takeValue(of: name) else { throw .missing(name) }
    guard let value = read(word) else { throw .malformed(name) }
    return value
  }

  mutating func readIfAny<Value>(
    _ name: String, _ read: (Substring) -> Value?
  ) throws(ChannelMessageError) -> Value? {
    has(name) ? try self.read(name, read) : nil
  }

  mutating func flag(_ name: String) throws(ChannelMessageError) -> Bool {
    try read(name) { $0 == "yes" ? true : $0 == "no" ? false : nil }
  }

  mutating func number(
    _ name: String, in range: ClosedRange<UInt64> = 0 ... .max
  ) throws(ChannelMessageError) -> UInt64 {
    try read(name) { word in
      guard ChannelMessage.isNumber(word), let number = UInt64(word), range.contains(number) else {
        return nil
      }
      return number
    }
  }

  /// A number of things: 0 to 2147483647.
  mutating func count(_ name: String) throws(ChannelMessageError) -> Int {
    Int(try number(name, in: 0...UInt64(Int32.max)))
  }

  /// Sixteen hexadecimal digits.
  mutating func hex(_ name: String) throws(ChannelMessageError) -> UInt64 {
    try read(name) { word in
      guard word.utf8.count == 16, word.utf8.allSatisfy({ ChannelMessage.hexDigit($0) != nil })
      else { return nil }
      return UInt64(word, radix: 16)
    }
  }

  mutating func endpoint(_ name: String) throws(ChannelMessageError) -> Endpoint {
    try read(name) { Endpoint($0) }
  }

  mutating func endpointIfAny(_ name: String) throws(ChannelMessageError) -> Endpoint? {
    try readIfAny(name) { Endpoint($0) }
  }

  /// A version, or another word of its characters.
  mutating func version(_ name: String) throws(ChannelMessageError) -> String {
    try read(name) { word in
      let isVersion = (1...ChannelMessage.maxVersion).contains(word.utf8.count)
      return isVersion && word.utf8.allSatisfy(ChannelMessage.isVersionByte) ? String(word) : nil
    }
  }
}

extension ChannelMessage {
  fileprivate static func isNumber(_ text: Substring) -> Bool {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// The value of a lower-case hexadecimal digit.
  fileprivate static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}
