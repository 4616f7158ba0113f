import FailoverCore
import RESP

/// What a message on one of a Sentinel's channels says, and of which group.
struct SentinelMessage: Equatable {
  /// The group; nothing if the message names none, as `+vote-for-leader` and `+new-epoch` do.
  var masterName: String?
  /// What it says.
  var hint: SentinelHint
  /// Whether the list of Sentinels, or what this one says of itself, may have changed.
  var concernsSentinels = false
}

/// Reads the messages that Sentinel publishes (`sentinel.c sentinelEvent`).
enum SentinelEventDecoder {
  /// The channels that matter here.
  static let channels = [
    "+reset-master", "+slave", "+sdown", "-sdown", "+odown", "-odown", "+new-epoch",
    "+try-failover", "+vote-for-leader", "+elected-leader", "+failover-state-select-slave",
    "+selected-slave", "+failover-state-send-slaveof-noone", "+failover-state-wait-promotion",
    "+promoted-slave", "+failover-state-reconf-slaves", "+failover-end",
    "+failover-end-for-timeout", "-failover-abort-not-elected", "-failover-abort-no-good-slave",
    "-failover-abort-slave-timeout", "+switch-master", "+config-update-from", "+role-change",
    "-role-change", "+reboot", "+convert-to-slave", "+sentinel", "+sentinel-address-switch",
    "+monitor", "-monitor", "+set", "+tilt", "-tilt",
  ]

  /// Reads a push; nothing if it is a confirmation or not understood.
  static func message(_ token: RESPToken) -> SentinelMessage? {
    guard var elements = token.elements, elements.next()?.reads("message") == true,
      let channel = elements.next()?.text, let payload = elements.next()?.text
    else { return nil }
    return message(channel: channel, payload: payload)
  }

  /// Reads the payload of a channel.
  static func message(channel: String, payload: String) -> SentinelMessage? {
    let words = payload.split(separator: " ", maxSplits: 32)
    switch channel {
    case "+vote-for-leader":
      guard words.count >= 2, let epoch = UInt64(words[1]) else { return nil }
      return SentinelMessage(hint: .voted(leader: String(words[0]), epoch: epoch))
    case "+new-epoch":
      guard let epoch = words.first.flatMap({ UInt64($0) }) else { return nil }
      return SentinelMessage(hint: .newEpoch(epoch))
    case "+tilt", "-tilt":
      return SentinelMessage(hint: .changed, concernsSentinels: true)
    case "+switch-master":
      return SentinelMessage(masterName: words.first.map(String.init), hint: .changed)
    default:
      let concernsSentinels = channel.hasPrefix("+sentinel") || channel == "+reset-master"
      return SentinelMessage(
        masterName: masterName(words), hint: .changed, concernsSentinels: concernsSentinels)
    }
  }

  /// The group in `<type> <name> <ip> <port> [@ <master name> <ip> <port>]`.
  private static func masterName(_ words: [Substring]) -> String? {
    if words.first == "master", words.count >= 2 { return String(words[1]) }
    guard let at = words.firstIndex(of: "@"), at + 1 < words.count else { return nil }
    return String(words[at + 1])
  }
}
