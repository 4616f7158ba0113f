public import Addresses
import FailoverCore
import LineCoding

/// What a daemon that took the addresses asks the others: whether the addresses answer them.
///
/// It names no address and no port. Each daemon calls the addresses of its own configuration, at
/// the port of a node that its Sentinels list, so nobody can have it call anything else.
public struct AddressCheck: Equatable, Sendable {
  /// The node that took the addresses.
  public var node: Endpoint
  /// A number drawn for this check, which its answers repeat.
  public var nonce: UInt64

  /// Makes a question.
  public init(node: Endpoint, nonce: UInt64) {
    self.node = node
    self.nonce = nonce
  }
}

/// What came of calling the addresses from another host.
public struct AddressCheckAnswer: Equatable, Sendable {
  /// An address that did not answer as a master's.
  public struct Miss: Equatable, Sendable {
    /// The address.
    public var address: IPAddress
    /// What came instead.
    public var reason: Reason

    /// Makes a miss.
    public init(address: IPAddress, reason: Reason) {
      self.address = address
      self.reason = reason
    }

    /// What came in place of a master's answer.
    public enum Reason: String, Equatable, Sendable, CaseIterable {
      /// Nothing: no connection, or no answer over it.
      case silent
      /// The connection was refused: the address is somewhere, and no Redis is there.
      case refused
      /// A Redis that is a replica.
      case replica
      /// An error, or no Redis at all.
      case nonsense
      /// The caller has the address itself, and so can call nobody else at it.
      case occupied
    }
  }

  /// Who answered on the link for an address (ARP, neighbour discovery).
  public struct Claimant: Hashable, Sendable {
    /// The address.
    public var address: IPAddress
    /// The Ethernet address that answered for it.
    public var macAddress: MACAddress

    /// Makes a claimant.
    public init(address: IPAddress, macAddress: MACAddress) {
      self.address = address
      self.macAddress = macAddress
    }
  }

  /// The node from whose host the addresses were called.
  public var node: Endpoint
  /// The `sender` of the daemon that asked.
  public var asker: UInt64
  /// The number of the check.
  public var nonce: UInt64
  /// Addresses that answered as a master's.
  public var reached: Int
  /// The first of those that did not.
  public var missed: [Miss]
  /// Each Ethernet address that answered, with the first address that it answered for.
  public var claimants: [Claimant]
  /// From hearing the question until the last address answered, or until it was given up.
  public var after: Duration
  /// From then until this message left; whoever waits for it subtracts that.
  public var held: Duration

  /// The most misses, and claimants, that are told.
  public static let maxParts = 8
  /// The longest time that is told: a minute.
  public static let maxTime = Duration.seconds(60)

  /// Makes an answer.
  public init(
    node: Endpoint, asker: UInt64, nonce: UInt64, reached: Int, missed: [Miss] = [],
    claimants: [Claimant] = [], after: Duration, held: Duration
  ) {
    self.node = node
    self.asker = asker
    self.nonce = nonce
    self.reached = reached
    self.missed = missed
    self.claimants = claimants
    self.after = after
    self.held = held
  }
}

extension ChannelMessage {
  static func fields(of check: AddressCheck) -> LineText {
    " node=\(check.node) nonce=\(hex: check.nonce)"
  }

  static func fields(of answer: AddressCheckAnswer) -> LineText {
    let missed = list(answer.missed.map { ($0.address, $0.reason.rawValue) })
    let claimants = list(answer.claimants.map { ($0.address, $0.macAddress.description) })
    return """
       node=\(answer.node) for=\(hex: answer.asker) reached=\(answer.reached)\
      \(ifAny: missed.map { " missed=\(word: $0)" })\
      \(ifAny: claimants.map { " macs=\(word: $0)" }) \
      afterUs=\(microseconds(answer.after)) heldUs=\(microseconds(answer.held)) \
      nonce=\(hex: answer.nonce)
      """
  }

  static func check(_ fields: inout FieldReader) throws(ChannelMessageError) -> AddressCheck {
    try AddressCheck(node: fields.endpoint("node"), nonce: fields.hex("nonce"))
  }

  static func checkAnswer(
    _ fields: inout FieldReader
  ) throws(ChannelMessageError) -> AddressCheckAnswer {
    let reached = try fields.count("reached")
    let missed = try fields.readIfAny("missed") { word in
      pairs(word) { AddressCheckAnswer.Miss.Reason(rawValue: String($0)) }
    }
    let claimants = try fields.readIfAny("macs") { word in pairs(word) { MACAddress($0) } }
    return try AddressCheckAnswer(
      node: fields.endpoint("node"), asker: fields.hex("for"), nonce: fields.hex("nonce"),
      reached: reached, missed: (missed ?? []).map { .init(address: $0, reason: $1) },
      claimants: (claimants ?? []).map { .init(address: $0, macAddress: $1) },
      after: time("afterUs", &fields), held: time("heldUs", &fields))
  }

  /// `10.77.0.100/silent,fd77::100/refused`; nil for no pair.
  private static func list(_ pairs: [(IPAddress, String)]) -> String? {
    let told = pairs.prefix(AddressCheckAnswer.maxParts)
    return told.isEmpty ? nil : told.map { "\($0.0)/\($0.1)" }.joined(separator: ",")
  }

  private static func pairs<Value>(
    _ list: Substring, _ read: (Substring) -> Value?
  ) -> [(IPAddress, Value)]? {
    let parts = list.split(separator: ",", omittingEmptySubsequences: false)
    let pairs = parts.prefix(AddressCheckAnswer.maxParts).compactMap {
      part -> (IPAddress, Value)? in
      let pair = LineField(part, marks: ["/"])
      return pair.name.flatMap { IPAddress($0) }.flatMap { address in
        read(pair.value).map { (address, $0) }
      }
    }
    return pairs.count == parts.count ? pairs : nil
  }

  private static func microseconds(_ time: Duration) -> Int64 {
    min(max(time, .zero), AddressCheckAnswer.maxTime).wholeNanoseconds / 1_000
  }

  private static func time(
    _ name: String, _ fields: inout FieldReader
  ) throws(ChannelMessageError) -> Duration {
    let longest = UInt64(AddressCheckAnswer.maxTime.wholeNanoseconds / 1_000)
    return .microseconds(Int64(min(try fields.number(name), longest)))
  }
}
