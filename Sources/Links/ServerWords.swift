import Wording

/// What a server says when it refuses, as it may be shown to people.
///
/// The first word of an error is its code (`NOAUTH`, `DENIED`, `ERR`); the rest is for people
/// (redis.io/docs, *RESP simple errors*).
package struct ServerWords: Equatable, Sendable {
  /// The bytes that are shown at most.
  static let limit = String.shortenedLimit

  /// The words on one line, without control characters, shortened.
  package let text: String

  package init(_ text: String) {
    self.text = text.shortened
  }

  /// The code; nothing for words that have none, as those of this host's own errors.
  package var code: String? {
    let word = text.prefix { $0 != " " }
    guard word.count > 1, word.allSatisfy({ $0.isASCII && ($0.isUppercase || $0 == "-") }) else {
      return nil
    }
    return String(word)
  }

  /// Whether the user or the password is refused, or one is asked for.
  package var refusesLogin: Bool {
    if code == "NOAUTH" || code == "WRONGPASS" { return true }
    return ["ERR AUTH", "ERR Client sent AUTH", "ERR invalid password"].contains {
      text.hasPrefix($0)
    }
  }

  /// Whether this connection is not let in at all, whoever asks.
  var refusesEntry: Bool {
    code == "DENIED" || refusesForCrowd
  }

  /// Whether they say why a connection could not be encrypted.
  package var concernsTLS: Bool { text.hasPrefix(TLSFailure.mark) }

  /// Whether the handshake failed because the server said nothing at all.
  package var tellsOfSilence: Bool { text.hasPrefix(TLSFailure.mark + TLSFailure.silence) }

  /// Whether there are as many clients as there may be.
  package var refusesForCrowd: Bool {
    text.hasPrefix("ERR max number of clients")
  }
}
