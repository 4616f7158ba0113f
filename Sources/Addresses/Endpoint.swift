/// An IP address and a TCP port: how Sentinel names an instance.
public struct Endpoint: Hashable, Sendable {
  /// The address.
  public var address: IPAddress
  /// The port, 1 to 65535; 0 stands for "no port", as Sentinel prints for an unknown one.
  public var port: UInt16

  /// Makes an endpoint.
  public init(address: IPAddress, port: UInt16) {
    self.address = address
    self.port = port
  }

  /// Parses `10.0.0.1:6379` or `[fd77::1]:6379`.
  public init?(_ text: some StringProtocol) {
    let text = String(text)
    guard let colon = text.lastIndex(of: ":"),
      let port = UInt16(text[text.index(after: colon)...])
    else { return nil }
    var host = text[..<colon]
    if host.first == "[" {
      guard host.last == "]" else { return nil }
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard let address = IPAddress(host) else { return nil }
    self.init(address: address, port: port)
  }
}

extension Endpoint: CustomStringConvertible {
  /// `10.0.0.1:6379` or `[fd77::1]:6379`.
  public var description: String {
    switch address {
    case .v4(let address): "\(address):\(port)"
    case .v6(let address): "[\(address)]:\(port)"
    }
  }
}

extension Endpoint: Comparable {
  /// Orders by address, then by port.
  public static func < (left: Endpoint, right: Endpoint) -> Bool {
    (left.address, left.port) < (right.address, right.port)
  }
}
