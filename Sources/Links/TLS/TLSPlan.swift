package import Addresses

/// How connections to servers of one kind are encrypted, as the configuration says it.
package struct TLSPlan: Equatable, Sendable {
  /// The files of the certificate by which this host shows who it is.
  package struct Client: Equatable, Sendable {
    package let certificateFile: String
    package let keyFile: String

    package init(certificateFile: String, keyFile: String) {
      self.certificateFile = certificateFile
      self.keyFile = keyFile
    }
  }

  /// The file of the CAs, or the directory of their files; nil only where nothing is verified.
  package var authorities: String?
  /// What this host shows of itself; nil where it shows nothing.
  package var client: Client?
  /// What a server's certificate must name, whatever its address is; nil for the address.
  package var serverName: ServerName?
  /// Whether TLS 1.2 is refused.
  package var isVersion13 = false
  /// Whether the certificates of servers are verified.
  package var isVerified = true

  package init(
    authorities: String? = nil, client: Client? = nil, serverName: ServerName? = nil
  ) {
    self.authorities = authorities
    self.client = client
    self.serverName = serverName
  }
}

/// What a server's certificate must name: a DNS-ID or an IP-ID (RFC 9525 §1.8).
package enum ServerName: Equatable, Sendable, CustomStringConvertible {
  case host(String)
  case address(IPAddress)

  /// The name alone.
  package var description: String {
    switch self {
    case .host(let name): name
    case .address(let address): address.description
    }
  }
}
