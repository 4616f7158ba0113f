import Addresses
import FailoverCore
import LineCoding

extension ChannelMessage {
  /// The text of the message, with a code if there is a key.
  ///
  /// The code is made of the channel and the text, so that a message can't be replayed in another
  /// group that has the same key.
  public func encoded(masterName: String, key: ChannelKey?) -> String {
    let (kind, fields) = bodyText
    let line: LineText = "vipd1 \(kind) id=\(hex: sender) seq=\(sequence)\(fields)"
    guard let key else { return line.text }
    let code = key.authenticationCode(for: Self.signedBytes(Array(line.text.utf8), masterName))
    return line.text + " mac=" + code.map(Self.hex).joined()
  }

  /// The kind of the message and its fields, each behind a blank.
  ///
  /// Last stands a word of which no beginning is valid: it shows that nothing was cut off.
  private var bodyText: (kind: LineText, fields: LineText) {
    switch body {
    case .state(let state): ("state", Self.fields(of: state))
    case .notice(.yielded(let from, let target, let epoch, let nonce)):
      ("yielded", " node=\(from) target=\(target) epoch=\(epoch) nonce=\(hex: nonce)")
    case .notice(.selected(let from, let epoch, let nonce)):
      ("selected", " node=\(from) epoch=\(epoch) nonce=\(hex: nonce)")
    case .notice(.moveOffered(let offer)): ("move-offered", Self.fields(of: offer))
    case .notice(.moveAnswered(let from, let id, let round, let refusal)):
      (
        "move-answered",
        " node=\(from) round=\(round) answer=\(word: refusal?.rawValue ?? Self.ready)"
          + " move=\(hex: id)"
      )
    case .notice(.moveEnded(let from, let id)): ("move-ended", " node=\(from) move=\(hex: id)")
    case .notice(.moveArrived(let from, let id)):
      ("move-arrived", " node=\(from) move=\(hex: id)")
    // The last field shows that nothing was cut off.
    case .notice(.replicaStops(let replica)): ("replica-stops", " replica=\(replica) whole=\(true)")
    case .notice(.replicaDismissed(let replica, let from)):
      ("replica-dismissed", " replica=\(replica) node=\(from) whole=\(true)")
    case .notice(.replicaAwaited(let replica, let from)):
      ("replica-awaited", " replica=\(replica) node=\(from) whole=\(true)")
    case .move(let move): ("move", Self.fields(of: move))
    case .moveLine(let line): ("move-line", Self.fields(of: line))
    case .sessions(let news): ("sessions", Self.fields(of: news))
    case .sessionsWanted(let node): ("sessions-wanted", " node=\(node) whole=\(true)")
    case .check(let check): ("check", Self.fields(of: check))
    case .checked(let answer): ("checked", Self.fields(of: answer))
    case .factsWanted(let question): ("facts-wanted", Self.fields(of: question))
    case .facts(let part): ("facts", Self.fields(of: part))
    case .sentinelForgotten(let runID):
      (
        "sentinel-forgotten",
        " run-id=\(word: runID.isEmpty ? "-" : Self.version(runID)) whole=\(true)"
      )
    }
  }

  private static func fields(of news: SessionNews) -> LineText {
    func clients(_ name: String, _ clients: [PackedEndpoint]) -> LineText? {
      guard let address = news.address, !clients.isEmpty else { return nil }
      return " \(word: name)=\(word: SessionNews.text(clients, of: address))"
    }
    let address: LineText? = news.address.map { " vip=\(word: $0.description)" }
    return """
       node=\(news.node) table=\(hex: news.table) step=\(news.step)\(ifAny: address)\
      \(ifAny: clients("add", news.added))\(ifAny: clients("drop", news.removed)) \
      whole=\(news.isWhole)
      """
  }

  private static func fields(of state: NodeState) -> LineText {
    let lease = state.leaseRemaining.map { max(0, $0.wholeMilliseconds) }
    let rules = state.rules.flatMap { isRules($0) ? $0 : nil }
    let links: LineText? = state.areLinksUp.map { $0 ? " links=up" : " links=down" }
    return """
      \(ifAny: state.node.map { " node=\($0)" }) holds=\(state.isHolding)\
      \(ifAny: lease.map { " lease=\($0)" }) fence=\(state.fence) \
      version=\(word: version(state.version)) epoch=\(state.configEpoch)\
      \(ifAny: rules.map { " rules=\(word: $0)" })\(ifAny: links) paused=\(state.isPaused)
      """
  }

  /// Whether a text is a word of marks: small letters, digits, and `:,-`.
  static func isRules(_ text: String) -> Bool {
    (1...256).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
          UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }

  /// A version that is one word: what may not stand in one becomes `_`.
  static func version(_ text: String) -> String {
    let word = text.utf8.prefix(maxVersion).map { byte in
      isVersionByte(byte) ? Character(UnicodeScalar(byte)) : "_"
    }
    return word.isEmpty ? "_" : String(word)
  }

  /// The longest version in bytes.
  static let maxVersion = 64

  /// Whether a byte may stand in a version.
  static func isVersionByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
      UInt8(ascii: "+"), UInt8(ascii: "_"), UInt8(ascii: "~"):
      true
    default: false
    }
  }

  /// What a code is made of: the channel, a line feed, which no message holds, and the text.
  static func signedBytes(_ text: [UInt8], _ masterName: String) -> [UInt8] {
    Array(channel(masterName: masterName).utf8) + [0x0a] + text
  }

  static func hex(_ number: some FixedWidthInteger & UnsignedInteger) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: number.bitWidth / 4 - digits.count) + digits
  }
}

// How a message writes its values.
extension LineText.StringInterpolation {
  mutating func appendInterpolation(_ number: some BinaryInteger) {
    appendLiteral("\(number)")
  }

  mutating func appendInterpolation(_ flag: Bool) {
    appendLiteral(flag ? "yes" : "no")
  }

  mutating func appendInterpolation(_ endpoint: Endpoint) {
    appendLiteral(endpoint.description)
  }

  mutating func appendInterpolation<Name: RawRepresentable<String>>(_ name: Name) {
    appendLiteral(name.rawValue)
  }

  /// Sixteen digits.
  mutating func appendInterpolation(hex number: UInt64) {
    appendLiteral(ChannelMessage.hex(number))
  }

  /// A text that is one word of printable ASCII.
  mutating func appendInterpolation(word: String) {
    appendLiteral(word)
  }
}
