import Foundation

/// A CA for one test, with what it signs: files in a directory of its own, made by openssl(1).
package final class TestAuthority: Sendable {
  /// A certificate and its key, as paths.
  package struct Pair: Sendable {
    package let certificate: String
    package let key: String

    package init(certificate: String, key: String) {
      self.certificate = certificate
      self.key = key
    }
  }

  /// What openssl said instead.
  package struct Failure: Error {
    package let text: String
  }

  package let directory: String
  /// The certificate of the CA.
  package var certificate: String { "\(directory)/ca.crt" }

  /// Makes the CA.
  package init() throws {
    directory = FileManager.default.temporaryDirectory.path + "/vipd-tls-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try write("index.txt", "")
    try write(
      "ca.conf",
      """
      [ca]
      default_ca = lab
      [lab]
      database = \(directory)/index.txt
      new_certs_dir = \(directory)
      rand_serial = yes
      default_md = sha256
      policy = any
      unique_subject = no
      [any]
      commonName = supplied

      """)
    try makeKey("ca")
    try openssl(
      "req", "-x509", "-key", "ca.key", "-out", "ca.crt", "-days", "3650", "-subj", "/CN=lab ca")
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// Signs a certificate with a subjectAltName, as `IP:127.0.0.1,DNS:redis.example`, or without one.
  ///
  /// Its files begin with `name`; it is valid on some days, counted from today.
  package func issue(
    _ name: String, names: String? = "IP:127.0.0.1", days: ClosedRange<Int> = -1...365
  ) throws -> Pair {
    try makeKey(name)
    try openssl(
      "req", "-new", "-key", "\(name).key", "-out", "\(name).csr", "-subj", "/CN=\(name)")
    let alternative = names.map { "subjectAltName = \($0)\n" } ?? ""
    try write("\(name).ext", "basicConstraints = CA:FALSE\n" + alternative)
    try openssl(
      "ca", "-batch", "-notext", "-config", "ca.conf", "-cert", "ca.crt", "-keyfile", "ca.key",
      "-in", "\(name).csr", "-out", "\(name).crt", "-extfile", "\(name).ext",
      "-startdate", Self.date(days.lowerBound), "-enddate", Self.date(days.upperBound))
    return Pair(certificate: "\(directory)/\(name).crt", key: "\(directory)/\(name).key")
  }

  /// Writes a file beside the certificates; its path.
  @discardableResult
  package func write(_ name: String, _ text: String) throws -> String {
    let path = "\(directory)/\(name)"
    try Data(text.utf8).write(to: URL(filePath: path))
    return path
  }

  private func makeKey(_ name: String) throws {
    try openssl(
      "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
      "-out", "\(name).key")
  }

  /// A day as ASN.1 writes it, `20261130000000Z`, counted from today.
  private static func date(_ days: Int) -> String {
    let date = Date(timeIntervalSinceNow: Double(days) * 86_400)
    return date.formatted(.iso8601.year().month().day().dateSeparator(.omitted)) + "000000Z"
  }

  private func openssl(_ words: String...) throws {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["openssl"] + words
    process.currentDirectoryURL = URL(filePath: directory)
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(text: String(decoding: text, as: UTF8.self))
    }
  }
}
