package import Addresses
package import ChannelMessages
import FailoverCore

/// Whether the addresses answer after a take, and to whom.
package struct SelfCheckResult: Equatable, Sendable {
  /// What came of it; the raw values are labels.
  package enum Outcome: String, Equatable, Sendable, CaseIterable {
    /// Another host reached every address.
    case outside
    /// Nobody else could look; the addresses answer on this host.
    case local
    /// An address did not answer.
    case failed
    /// An address is answered for by another machine.
    case foreign = "foreign-mac"
  }

  /// How long an address is called until it counts as one that does not answer.
  package static let limit = Duration.seconds(3)

  package var outcome: Outcome
  /// From the take until every address answered; nil if one did not, or did before.
  package var after: Duration?
  /// Who looked from outside.
  package var by: Endpoint?
  /// Who answers on the link, if it was heard.
  package var macAddress: MACAddress?
  /// The address that did not answer, or that somebody else answers for.
  package var address: IPAddress?
  /// What came in place of an answer.
  package var reason: AddressCheckAnswer.Miss.Reason?
  /// Whether the addresses answer on this host, although not outside of it.
  package var answersHere = false
  /// How many addresses there are.
  package var count = 1

  package init(
    outcome: Outcome, after: Duration? = nil, by: Endpoint? = nil, macAddress: MACAddress? = nil,
    address: IPAddress? = nil, reason: AddressCheckAnswer.Miss.Reason? = nil,
    answersHere: Bool = false, count: Int = 1
  ) {
    self.outcome = outcome
    self.after = after
    self.by = by
    self.macAddress = macAddress
    self.address = address
    self.reason = reason
    self.answersHere = answersHere
    self.count = count
  }

  /// Whether an operator should look at it.
  package var isBad: Bool { outcome == .failed || outcome == .foreign }

  /// What was found, in a sentence.
  package var sentence: String {
    let looker = by?.description ?? "this host"
    let place = address?.description ?? "the address"
    switch outcome {
    case .outside:
      return "\(looker) reached \(count == 1 ? "the address" : "all \(count) addresses") \(time)"
        + (macAddress.map { "; \($0) answers on the link" } ?? "")
    case .local:
      return "on this host, \(time); no other host could look"
    case .failed:
      let what = "\(looker) did not reach \(place) within \(Self.limit.shortText): "
      return what + (reason ?? .silent).clause + (answersHere ? "; on this host it answers" : "")
    case .foreign:
      return "\(macAddress?.description ?? "another machine") answers for \(place) on the link, as "
        + "\(looker) heard, and is not of this host"
    }
  }

  /// The same as a line of the log, which says by itself what it is about.
  package var logSentence: String {
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
