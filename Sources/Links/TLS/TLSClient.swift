package import Addresses
import FailoverCore
import NIOSSL

/// Makes connections encrypted ones; its certificates may be replaced while connections stand.
///
/// A server must show a certificate that one of the CAs has signed, and that names it: by the name that
/// the configuration gives to all servers, or else by an address under which it is known, or by a host
/// name that stands for that.
package final class TLSClient {
  /// What new connections use.
  package private(set) var material: TLSMaterial

  private let hostNames: (IPAddress) -> [String]

  /// - Parameters:
  ///   - material: what new connections use.
  ///   - hostNames: the names by which a server at an address is known.
  package init(
    _ material: TLSMaterial, hostNames: @escaping (IPAddress) -> [String] = { _ in [] }
  ) {
    self.material = material
    self.hostNames = hostNames
  }

  /// Uses other certificates for new connections.
  package func replace(_ material: TLSMaterial) { self.material = material }

  /// Makes what encrypts one connection.
  func makeHandler() throws -> NIOSSLClientHandler {
    var hostName: String?
    if case .host(let name)? = material.plan.serverName { hostName = name }
    return try NIOSSLClientHandler(context: material.context, serverHostname: hostName)
  }

  /// Why the certificate of a server, which one of the CAs has signed, is another's; nil if it is its own.
  ///
  /// Of the addresses under which the server is known the first is named to people.
  func objection(
    to certificate: NIOSSLCertificate?, from addresses: [IPAddress]
  ) -> TLSFailure? {
    guard material.plan.isVerified else { return nil }
    guard let certificate else { return .withoutCertificate }
    let names = CertificateNames(certificate)
    let expected = expectedNames(of: addresses)
    if expected.contains(where: names.include) { return nil }
    return .foreignName(
      names.text, expected: expected.first?.description ?? "",
      isConfigured: material.plan.serverName != nil)
  }

  private func expectedNames(of addresses: [IPAddress]) -> [ServerName] {
    if let name = material.plan.serverName { return [name] }
    return addresses.map(ServerName.address)
      + addresses.flatMap(hostNames).map(ServerName.host)
  }

  /// What an error of a connection means; nil if it says nothing of TLS.
  func failure(
    of error: any Error, showing certificate: NIOSSLCertificate?, wallNanoseconds: Int64
  ) -> TLSFailure? {
    guard let reason = TLSReason(error) else { return nil }
    return TLSFailure(
      reason, material.plan, showing: certificate, seconds: wallNanoseconds / 1_000_000_000)
  }
}
