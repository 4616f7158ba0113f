import Glibc
import NIOCore
import NIOSSL
import Platform

/// The certificates and the key of one plan, read and checked.
package struct TLSMaterial: Equatable, Sendable {
  package let plan: TLSPlan
  /// When what it stands on ends.
  package let terms: [CertificateTerm]
  let context: NIOSSLContext
  /// What the files held, to tell whether anything changed.
  private let contents: [String: [UInt8]]

  /// The same files with the same content make the same material.
  package static func == (left: TLSMaterial, right: TLSMaterial) -> Bool {
    left.plan == right.plan && left.contents == right.contents
  }

  /// Reads the files of a plan; blocks.
  ///
  /// - Throws: every problem, as a line that names a file and a reason.
  package init(reading plan: TLSPlan) throws(TLSMaterialError) {
    var reader = TLSFileReader()
    let authorities = plan.authorities.map { reader.authorities($0) } ?? []
    let client = plan.client.map { reader.client($0) }
    guard reader.problems.isEmpty else { throw TLSMaterialError(problems: reader.problems) }
    var terms: [CertificateTerm] = []
    if let path = plan.authorities, let term = CertificateTerm(ofAuthorities: authorities, in: path)
    {
      terms.append(term)
    }
    if let files = plan.client, let chain = client?.chain,
      let term = CertificateTerm(ofChain: chain, in: files.certificateFile)
    {
      terms.append(term)
    }
    self.plan = plan
    self.terms = terms
    contents = reader.contents
    do {
      context = try NIOSSLContext(
        configuration: Self.configuration(plan, authorities, client?.chain ?? [], client?.key))
    } catch {
      throw TLSMaterialError(problems: [Self.problem(of: plan, error)])
    }
  }

  private static func configuration(
    _ plan: TLSPlan, _ authorities: [NIOSSLCertificate], _ chain: [NIOSSLCertificate],
    _ key: NIOSSLPrivateKey?
  ) -> TLSConfiguration {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = plan.isVersion13 ? .tlsv13 : .tlsv12
    // The names are compared here: a server may be reached by another address than its own.
    configuration.certificateVerification = plan.isVerified ? .noHostnameVerification : .none
    configuration.trustRoots = .certificates(authorities)
    configuration.certificateChain = chain.map { .certificate($0) }
    configuration.privateKey = key.map { .privateKey($0) }
    // The farewell is sent, and not awaited: whoever closes a connection has given it up.
    configuration.shutdownTimeout = .zero
    // What OpenSSL 3.0 has; a key exchange against computers of the future costs a larger greeting.
    configuration.curves = [.x25519, .secp256r1, .secp384r1]
    return configuration
  }

  private static func problem(of plan: TLSPlan, _ error: any Error) -> String {
    guard let client = plan.client else { return "TLS can't be used: \(error)" }
    guard case .failedToLoadPrivateKey? = error as? NIOSSLError else {
      return "\(client.certificateFile): the certificate can't be used: \(error)"
    }
    return "\(client.keyFile): this is not the key of the certificate in \(client.certificateFile)"
  }
}

/// Why certificates could not be read: every problem, as a line for people.
package struct TLSMaterialError: Error, Equatable, Sendable {
  package let problems: [String]
}

/// Reads PEM files, and keeps what is wrong with each.
private struct TLSFileReader {
  /// Files of a directory that are read at most.
  private static let maxFiles = 256

  private(set) var contents: [String: [UInt8]] = [:]
  private(set) var problems: [String] = []

  /// The certificates of a file, or of the files of a directory.
  mutating func authorities(_ path: String) -> [NIOSSLCertificate] {
    switch SmallFile.read(path) {
    case .success(let bytes): return certificates(bytes, in: path)
    case .failure(let problem):
      guard problem.code == EISDIR else { return complain(problem.description) }
    }
    let names = SmallFile.names(in: path).filter(Self.isCertificate).sorted()
    guard !names.isEmpty else {
      return complain("\(path): the directory has no file NAME.pem, NAME.crt or NAME.cer")
    }
    return names.prefix(Self.maxFiles).flatMap { certificates(in: "\(path)/\($0)") }
  }

  /// The certificate of this host, with those between it and its CA, and its key.
  mutating func client(
    _ files: TLSPlan.Client
  ) -> (chain: [NIOSSLCertificate], key: NIOSSLPrivateKey?) {
    (certificates(in: files.certificateFile), key(in: files.keyFile))
  }

  /// How openssl-rehash(1) and people name the files of a directory of CAs.
  private static func isCertificate(_ name: String) -> Bool {
    let parts = name.split(separator: ".")
    guard parts.count > 1, !name.hasPrefix("."), let ending = parts.last else { return false }
    if ["pem", "crt", "cer"].contains(ending) { return true }
    return parts.count == 2 && parts[0].utf8.count == 8 && parts[0].allSatisfy(\.isHexDigit)
      && ending.allSatisfy(\.isNumber)
  }

  private mutating func certificates(in path: String) -> [NIOSSLCertificate] {
    read(path).map { certificates($0, in: path) } ?? []
  }

  private mutating func certificates(_ bytes: [UInt8], in path: String) -> [NIOSSLCertificate] {
    contents[path] = bytes
    guard let found = try? NIOSSLCertificate.fromPEMBytes(bytes), !found.isEmpty else {
      return complain(
        "\(path): expected certificates in PEM form (-----BEGIN CERTIFICATE-----), and nothing broken"
      )
    }
    return found
  }

  private mutating func key(in path: String) -> NIOSSLPrivateKey? {
    guard let bytes = read(path) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    if text.contains("ENCRYPTED") {
      problems.append(
        "\(path): the key is encrypted, and nobody types its passphrase at a start: store it without "
          + "one, readable for the user vipd only")
      return nil
    }
    guard let key = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) else {
      problems.append("\(path): expected a private key in PEM form (-----BEGIN PRIVATE KEY-----)")
      return nil
    }
    return key
  }

  private mutating func read(_ path: String) -> [UInt8]? {
    switch SmallFile.read(path) {
    case .success(let bytes):
      contents[path] = bytes
      return bytes
    case .failure(let problem):
      problems.append(problem.description)
      return nil
    }
  }

  private mutating func complain(_ problem: String) -> [NIOSSLCertificate] {
    problems.append(problem)
    return []
  }
}
