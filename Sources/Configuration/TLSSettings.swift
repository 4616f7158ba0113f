/// How the connections to the Sentinels, or to the Redis servers of a group, are encrypted.
///
/// Only paths: the files themselves are read by who connects.
public struct TLSSettings: Equatable, Sendable {
  /// A version of TLS, as the file writes it.
  public enum Version: String, Sendable {
    /// RFC 5246; what OpenSSL 1.0 and later speak.
    case tls12 = "1.2"
    /// RFC 8446.
    case tls13 = "1.3"
  }

  /// The certificate by which this host shows who it is, and its key.
  public struct Client: Equatable, Sendable {
    /// The file of the certificate, and of those between it and its CA (PEM).
    public var certificateFile: String
    /// The file of its private key (PEM).
    public var keyFile: String

    /// Makes the two.
    public init(certificateFile: String, keyFile: String) {
      self.certificateFile = certificateFile
      self.keyFile = keyFile
    }
  }

  /// The file, or the directory of files, of the CAs that sign servers (PEM); nothing only where
  /// nothing is verified.
  public var authorities: String?
  /// What this host shows of itself; nothing where servers ask for nothing.
  public var client: Client?
  /// What a server's certificate must name; nothing for the address, or the host name by which the
  /// server is known.
  public var serverName: SentinelAddress.Host?
  /// The oldest version that is spoken.
  public var minVersion = Version.tls12
  /// Whether a server must show a certificate of one of the CAs, with its name.
  public var isVerified = true

  /// Makes settings; what is left out has the default of the file.
  public init(
    authorities: String? = nil, client: Client? = nil, serverName: SentinelAddress.Host? = nil
  ) {
    self.authorities = authorities
    self.client = client
    self.serverName = serverName
  }

  /// Every file or directory that they name.
  public var paths: [String] {
    [authorities, client?.certificateFile, client?.keyFile].compactMap(\.self)
  }
}
