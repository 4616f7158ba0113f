import NIOSSL

/// What BoringSSL says went wrong, as the name of its reason (`ssl.h`, `SSL_R_…`).
enum TLSReason: Equatable {
  /// The connection ended within the handshake.
  case ended
  /// `CERTIFICATE_VERIFY_FAILED`, `TLSV1_ALERT_UNKNOWN_CA` and the like.
  case named(String)

  /// The reason of an error; nil for one that says nothing of TLS, as a connection that ended without
  /// the farewell: Redis sends none when it kills a client.
  init?(_ error: any Error) {
    switch error {
    case let error as NIOSSLError:
      guard case .handshakeFailed(let inner) = error else { return nil }
      self.init(inner)
    case let error as BoringSSLError: self.init(error)
    default: return nil
    }
  }

  private init?(_ error: BoringSSLError) {
    guard case .sslError(let stack) = error else { return nil }
    if stack == [.eofDuringHandshake] {
      self = .ended
    } else {
      self = .named(stack.first.map { Self.name(in: $0.description) } ?? "no reason")
    }
  }

  /// The word after `OPENSSL_internal:` in `error:…:SSL routines:OPENSSL_internal:REASON at FILE:LINE`.
  private static func name(in text: String) -> String {
    guard let mark = text.firstRange(of: "OPENSSL_internal:") else { return text }
    return String(text[mark.upperBound...].prefix { $0 != " " })
  }
}
