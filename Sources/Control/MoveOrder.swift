package import Addresses
package import ChannelMessages
package import FailoverCore

/// `MOVE master [TO host[:port]] [TIMEOUT milliseconds] [DRYRUN] [ACCEPTLOSS]`, as it was typed.
package struct MoveOrder: Equatable {
  /// How long a move may take unless told otherwise: Sentinel looks at priorities each 10 s.
  static let usualTimeout = Duration.seconds(60)
  /// How long a handover may take until a replica is selected: systemd waits no longer for a stop.
  package static let handoverLimit = Duration.seconds(20)

  /// Where to, by name or by address.
  package struct Place: Equatable {
    package var host: String
    /// Nil for the one instance on the host.
    var port: UInt16?
  }

  var masterName: String
  package var place: Place?
  var timeout = usualTimeout
  var acceptsLoss = false
  var isDryRun = false

  /// Why an order is none; the text of the error.
  package struct Mistake: Error, Equatable {
    package var text: String

    package init(text: String) { self.text = text }
  }

  /// Reads the words after `MOVE`.
  init(_ words: [String]) throws(Mistake) {
    guard let name = words.first, name != "*" else {
      throw Mistake(text: "a master name is expected: one group moves at a time")
    }
    masterName = name
    var rest = words.dropFirst()
    while let word = rest.popFirst() {
      switch word.uppercased() {
      case "TO":
        guard place == nil, let text = rest.popFirst(), let read = Place(text) else {
          throw Mistake(text: "TO is followed by a host, or host:port, once")
        }
        place = read
      case "TIMEOUT":
        let longest = ForwardedMove.maxTimeout.wholeMilliseconds
        guard let milliseconds = rest.popFirst().flatMap({ Int64($0) }),
          (1_000...longest).contains(milliseconds)
        else { throw Mistake(text: "TIMEOUT is followed by 1000 to \(longest) milliseconds") }
        timeout = .milliseconds(milliseconds)
      case "DRYRUN": isDryRun = true
      case "ACCEPTLOSS": acceptsLoss = true
      default:
        throw Mistake(
          text: "'\(word.prefix(64))' is not expected; after the master name come TO host[:port], "
            + "TIMEOUT milliseconds, DRYRUN and ACCEPTLOSS")
      }
    }
  }

  /// The wish for the driver, once it is known where to.
  package func wish(id: MoveID, from: Endpoint?, target: Endpoint?) -> ForwardedMove {
    ForwardedMove(
      id: id, driver: 0, from: from, target: target, timeout: timeout, acceptsLoss: acceptsLoss,
      isDryRun: isDryRun)
  }
}

extension MoveOrder.Place {
  /// Reads `10.0.0.1`, `10.0.0.1:6379`, `fd77::1`, `[fd77::1]:6379`, `redis2` or `redis2:6379`.
  init?(_ text: String) {
    guard (1...255).contains(text.utf8.count) else { return nil }
    if IPAddress(text) != nil {
      self.init(host: text, port: nil)
    } else if text.hasPrefix("["), text.hasSuffix("]") {
      let inner = String(text.dropFirst().dropLast())
      guard IPAddress(inner) != nil else { return nil }
      self.init(host: inner, port: nil)
    } else if let colon = text.lastIndex(of: ":") {
      guard let port = UInt16(text[text.index(after: colon)...]), port > 0 else { return nil }
      var host = text[..<colon]
      if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
      guard !host.isEmpty, !host.contains(":") || IPAddress(host) != nil else { return nil }
      self.init(host: String(host), port: port)
    } else {
      self.init(host: text, port: nil)
    }
  }

  /// The endpoint on a host, of the instances that Sentinels name.
  ///
  /// Without a port it is the one instance there; where none is known, one with the port of the
  /// master, so that the move is refused with the Sentinels' words.
  package func endpoint(
    at address: IPAddress, known: [Endpoint], master: Endpoint?
  ) throws(MoveOrder.Mistake) -> Endpoint {
    if let port { return Endpoint(address: address, port: port) }
    let there = known.filter { $0.address == address }
    guard there.count <= 1 else {
      let list = there.map(\.description).joined(separator: ", ")
      throw MoveOrder.Mistake(text: "there are several instances on \(host): say which of \(list)")
    }
    return there.first ?? Endpoint(address: address, port: master?.port ?? 6_379)
  }
}
