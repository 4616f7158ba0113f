import NIOSSL

/// From when until when the certificates of one file serve, in seconds since 1970.
package struct CertificateTerm: Equatable, Sendable {
  /// Whose certificates they are.
  package enum Role: Equatable, Sendable {
    /// Those of the CAs by which servers are verified.
    case authorities
    /// That of this host, and those between it and its CA.
    case client
  }

  package let role: Role
  /// The file, or the directory of files.
  package let path: String
  package let begin: Int64
  package let end: Int64

  package init(role: Role, path: String, begin: Int64, end: Int64) {
    self.role = role
    self.path = path
    self.begin = begin
    self.end = end
  }

  /// Of several CAs one that lasts is enough, for while they change the old stands beside the new.
  init?(ofAuthorities certificates: [NIOSSLCertificate], in path: String) {
    guard let last = certificates.max(by: { $0.notValidAfter < $1.notValidAfter }) else {
      return nil
    }
    self.init(
      role: .authorities, path: path, begin: Int64(last.notValidBefore),
      end: Int64(last.notValidAfter))
  }

  /// A chain ends with the first of its certificates.
  init?(ofChain certificates: [NIOSSLCertificate], in path: String) {
    guard let end = certificates.map(\.notValidAfter).min(),
      let begin = certificates.map(\.notValidBefore).max()
    else { return nil }
    self.init(role: .client, path: path, begin: Int64(begin), end: Int64(end))
  }
}
