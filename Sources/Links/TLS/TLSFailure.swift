import FailoverCore
import NIOSSL
import Wording

/// Why a connection could not be made an encrypted one: the cause, then what to do.
struct TLSFailure: Equatable {
  /// How such a reason begins.
  static let mark = "TLS: "

  /// How the text of ``silent(for:)`` goes on: the server wrote nothing into its log.
  static let silence = "no answer to the handshake"

  let text: String
  let loss: ConnectionLoss

  private init(_ text: String, loss: ConnectionLoss = .unreachable) {
    self.text = Self.mark + text
    self.loss = loss
  }

  /// The server showed nothing.
  static let withoutCertificate = TLSFailure("it shows no certificate")

  /// The server answers in TLS where none was spoken.
  static let unexpected = TLSFailure(
    "it speaks TLS, and vipd.conf has no 'tls' line for it: add one, or name its port without TLS")

  /// The server answers nothing to the handshake.
  static func silent(for limit: Duration) -> TLSFailure {
    TLSFailure(
      "\(silence) within \(limit.shortText): see whether this port speaks TLS "
        + "(tls-port), and whether the server hangs")
  }

  /// The certificate of somebody else.
  static func foreignName(
    _ names: String?, expected: String, isConfigured: Bool
  ) -> TLSFailure {
    let has = names.map { "its certificate names \($0)" } ?? "its certificate has no subjectAltName"
    let remedy = isConfigured ? "correct server-name" : "say server-name in the 'tls' line"
    return TLSFailure("\(has), and not \(expected): give it one that does, or \(remedy)")
  }

  /// What a reason means.
  ///
  /// - Parameters:
  ///   - reason: what BoringSSL says.
  ///   - plan: what was asked of the server.
  ///   - certificate: what the server showed, if it came so far.
  ///   - seconds: the wall clock, since 1970.
  init(
    _ reason: TLSReason, _ plan: TLSPlan, showing certificate: NIOSSLCertificate?, seconds: Int64
  ) {
    guard case .named(let name) = reason else {
      self.init("it closed the connection in the handshake; its log says why", loss: .closed)
      return
    }
    switch name {
    case "CERTIFICATE_VERIFY_FAILED": self.init(Self.distrust(certificate, plan, seconds))
    case "WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST":
      self.init("it does not speak TLS: name its tls-port, or remove the 'tls' line for it")
    case "UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION":
      let oldest = plan.isVersion13 ? "1.3" : "1.2"
      self.init("it speaks no version from \(oldest) on: see its tls-protocols, and min-version")
    case let alert where alert.contains("_ALERT_"):
      self.init(Self.refusal(alert, plan))
    default: self.init("the handshake failed (\(Self.words(name))): its log may say more")
    }
  }

  /// Why a certificate was not believed.
  private static func distrust(
    _ certificate: NIOSSLCertificate?, _ plan: TLSPlan, _ seconds: Int64
  ) -> String {
    if let certificate {
      let (begin, end) = (Int64(certificate.notValidBefore), Int64(certificate.notValidAfter))
      if end < seconds {
        return "its certificate expired on \(WallTime.day(seconds: end)): renew it there"
      }
      if begin > seconds {
        return
          "its certificate is valid only from \(WallTime.day(seconds: begin)) on: see the clocks "
          + "of both hosts"
      }
    }
    return
      "its certificate is signed by none of the CAs in \(plan.authorities ?? "the file"): put its "
      + "CA there, or give the server a certificate of yours"
  }

  /// What a server means by an alert (RFC 8446 §6.2).
  private static func refusal(_ alert: String, _ plan: TLSPlan) -> String {
    let words = words(alert)
    guard let client = plan.client else {
      return
        "it refuses (\(words)), and may want a client certificate: add cert and key to the 'tls' "
        + "line"
    }
    return
      "it refuses \(client.certificateFile) (\(words)): see whether it has expired, and whether "
      + "the server's tls-ca-cert-file has its CA"
  }

  /// `TLSV1_ALERT_UNKNOWN_CA` as `unknown ca`.
  private static func words(_ name: String) -> String {
    let start = name.firstRange(of: "_ALERT_").map(\.upperBound) ?? name.startIndex
    return name[start...].lowercased().map { $0 == "_" ? " " : String($0) }.joined()
  }
}
