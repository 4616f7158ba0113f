import Addresses
import ChannelMessages
import FailoverCore

/// Whether the addresses answer after a take, and to whom.
struct SelfCheckResult: Equatable, Sendable {
  /// What came of it; the raw values are labels.
  enum Outcome: String, Equatable, Sendable, CaseIterable {
    /// Another host reached every address.
    case outside
    /// Nobody else could look; the addresses answer on this host.
    case local
    /// An address did not answer.
    case failed
    /// An address is answered for by another machine.
    case foreign = "foreign-mac"
  }

  var outcome: Outcome
  /// From the take until every address answered; nil if one did not, or did before.
  var after: Duration?
  /// Who looked from outside.
  var by: Endpoint?
  /// Who answers on the link, if it was heard.
  var macAddress: MACAddress?
  /// The address that did not answer, or that somebody else answers for.
  var address: IPAddress?
  /// What came in place of an answer.
  var reason: AddressCheckAnswer.Miss.Reason?
  /// Whether the addresses answer on this host, although not outside of it.
  var answersHere = false
  /// How many addresses there are.
  var count = 1

  /// Whether an operator should look at it.
  var isBad: Bool { outcome == .failed || outcome == .foreign }

  /// What was found, in a sentence.
  var sentence: String {
    let looker = by?.description ?? "this host"
    let place = address?.description ?? "the address"
    switch outcome {
    case .outside:
      return "\(looker) reached \(count == 1 ? "the address" : "all \(count) addresses") \(time)"
        + (macAddress.map { "; \($0) answers on the link" } ?? "")
    case .local:
      return "on this host, \(time); no other host could look"
    case .failed:
      let what = "\(looker) did not reach \(place) within \(AddressCaller.limit.shortText): "
      return what + (reason ?? .silent).clause + (answersHere ? "; on this host it answers" : "")
    case .foreign:
      return "\(macAddress?.description ?? "another machine") answers for \(place) on the link, as "
        + "\(looker) heard, and is not of this host"
    }
  }

  /// The same as a line of the log, which says by itself what it is about.
  var logSentence: String {
    (isBad ? "The address does not answer as it should: " : "The address answers: ") + sentence
  }

  private var time: String { after.map { "\($0.shortText) after the take" } ?? "now" }
}

extension AddressCheckAnswer.Miss.Reason {
  /// What came in place of an answer, as a clause.
  var clause: String {
    switch self {
    case .silent: "nothing answers"
    case .refused: "the connection is refused"
    case .replica: "a replica answers"
    case .nonsense: "what answers does not say its role"
    case .occupied: "that host has the address itself"
    }
  }
}

extension HistoryEntry {
  /// The entry of a self-check.
  init(_ result: SelfCheckResult, wallNanoseconds: Int64) {
    self.init(result.isBad ? "unanswered" : "answered", wallNanoseconds: wallNanoseconds)
    add("checked", result.outcome.rawValue)
    add("text", result.sentence)
    add("afterMs", result.after?.wholeMilliseconds)
    add("by", result.by?.description)
    add("mac", result.macAddress?.description)
    add("address", result.address?.description)
    add("reason", result.reason?.rawValue)
  }
}
