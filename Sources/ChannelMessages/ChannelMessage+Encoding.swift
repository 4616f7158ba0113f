import Addresses
import FailoverCore

extension ChannelMessage {
  /// The text of the message, with a code if there is a key.
  ///
  /// The code is made of the channel and the text, so that a message can't be replayed in another
  /// group that has the same key.
  public func encoded(masterName: String, key: ChannelKey?) -> String {
    var text = "vipd1 \(kind) id=\(Self.hex(sender)) seq=\(sequence)"
    for (name, value) in fields { text += " \(name)=\(value)" }
    guard let key else { return text }
    let code = key.authenticationCode(for: Self.signedBytes(Array(text.utf8), masterName))
    return text + " mac=" + code.map(Self.hex).joined()
  }

  private var kind: String {
    switch body {
    case .state: "state"
    case .notice(.yielded): "yielded"
    case .notice(.selected): "selected"
    case .notice(.moveOffered): "move-offered"
    case .notice(.moveAnswered): "move-answered"
    case .notice(.moveEnded): "move-ended"
    case .notice(.moveArrived): "move-arrived"
    case .move: "move"
    case .moveLine: "move-line"
    case .sessions: "sessions"
    case .sessionsWanted: "sessions-wanted"
    case .check: "check"
    case .checked: "checked"
    case .sentinelForgotten: "sentinel-forgotten"
    }
  }

  private var fields: [(String, String)] {
    switch body {
    case .state(let state):
      Self.fields(of: state)
    case .notice(.yielded(let from, let target, let epoch, let nonce)):
      [
        ("node", "\(from)"), ("target", "\(target)"), ("epoch", "\(epoch)"),
        ("nonce", Self.hex(nonce)),
      ]
    case .notice(.selected(let from, let epoch, let nonce)):
      [("node", "\(from)"), ("epoch", "\(epoch)"), ("nonce", Self.hex(nonce))]
    case .notice(.moveOffered(let offer)):
      Self.fields(of: offer)
    case .notice(.moveAnswered(let from, let id, let round, let refusal)):
      [
        ("node", "\(from)"), ("round", "\(round)"), ("answer", refusal?.rawValue ?? Self.ready),
        ("move", Self.hex(id)),
      ]
    case .notice(.moveEnded(let from, let id)), .notice(.moveArrived(let from, let id)):
      [("node", "\(from)"), ("move", Self.hex(id))]
    case .move(let move): Self.fields(of: move)
    case .moveLine(let line): Self.fields(of: line)
    case .sessions(let news):
      Self.fields(of: news)
    case .sessionsWanted(let node):
      [("node", "\(node)"), ("whole", "yes")]
    case .check(let check): Self.fields(of: check)
    case .checked(let answer): Self.fields(of: answer)
    case .sentinelForgotten(let runID):
      [("run-id", runID.isEmpty ? "-" : Self.version(runID)), ("whole", "yes")]
    }
  }

  private static func fields(of news: SessionNews) -> [(String, String)] {
    var fields = [
      ("node", "\(news.node)"), ("table", hex(news.table)), ("step", "\(news.step)"),
    ]
    if let address = news.address {
      fields.append(("vip", "\(address)"))
      if !news.added.isEmpty {
        fields.append(("add", SessionNews.text(news.added, of: address)))
      }
      if !news.removed.isEmpty {
        fields.append(("drop", SessionNews.text(news.removed, of: address)))
      }
    }
    // Last, as above: nothing is cut off.
    fields.append(("whole", news.isWhole ? "yes" : "no"))
    return fields
  }

  private static func fields(of state: NodeState) -> [(String, String)] {
    var fields: [(String, String)] = []
    if let node = state.node { fields.append(("node", "\(node)")) }
    fields.append(("holds", state.isHolding ? "yes" : "no"))
    if let lease = state.leaseRemaining {
      fields.append(("lease", "\(max(0, lease.wholeMilliseconds))"))
    }
    fields.append(("fence", state.fence.rawValue))
    fields.append(("version", version(state.version)))
    fields.append(("epoch", "\(state.configEpoch)"))
    if let rules = state.rules, isRules(rules) { fields.append(("rules", rules)) }
    if let areUp = state.areLinksUp { fields.append(("links", areUp ? "up" : "down")) }
    // Last, like the nonces: a word of which no beginning is valid shows that nothing is cut off.
    fields.append(("paused", state.isPaused ? "yes" : "no"))
    return fields
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
    let word = text.utf8.prefix(longestVersion).map { byte in
      isVersionByte(byte) ? Character(UnicodeScalar(byte)) : "_"
    }
    return word.isEmpty ? "_" : String(word)
  }

  /// The longest version in bytes.
  static let longestVersion = 64

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
