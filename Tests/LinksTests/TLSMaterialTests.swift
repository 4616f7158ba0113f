import Addresses
import Foundation
import NIOSSL
import PeerKit
import Testing

@testable import Links

@Suite struct TLSMaterialTests {
  private let authority: TestAuthority

  init() throws { authority = try TestAuthority() }

  /// What is wrong with the files of a plan.
  private func problems(_ plan: TLSPlan) -> [String] {
    do throws(TLSMaterialError) {
      _ = try TLSMaterial(reading: plan)
      return []
    } catch {
      return error.problems
    }
  }

  private func plan(_ authorities: String?, _ certificate: String, _ key: String) -> TLSPlan {
    TLSPlan(
      authorities: authorities,
      client: TLSPlan.Client(certificateFile: certificate, keyFile: key))
  }

  @Test func `Files that go together are taken, and tell until when`() throws {
    let own = try authority.issue("vipd", days: -1...20)
    let material = try TLSMaterial(
      reading: plan(authority.certificate, own.certificate, own.key))
    #expect(material.terms.map(\.role) == [.authorities, .client])
    #expect(material.terms.map(\.path) == [authority.certificate, own.certificate])
    #expect(material.terms[1].end - material.terms[1].begin == 21 * 86_400)
    #expect(try material == TLSMaterial(reading: material.plan))
  }

  @Test func `Each file that can't be used is named with its reason, and all at once`() throws {
    let garbage = try authority.write("garbage.pem", "hello\n")
    let missing = "\(authority.directory)/missing.key"
    #expect(
      problems(plan(garbage, garbage, missing)) == [
        "\(garbage): expected certificates in PEM form (-----BEGIN CERTIFICATE-----), and nothing "
          + "broken",
        "\(garbage): expected certificates in PEM form (-----BEGIN CERTIFICATE-----), and nothing "
          + "broken",
        "can't read \(missing): No such file or directory",
      ])
    let own = try authority.issue("vipd")
    #expect(
      problems(plan(authority.certificate, own.certificate, garbage)) == [
        "\(garbage): expected a private key in PEM form (-----BEGIN PRIVATE KEY-----)"
      ])
    let locked = try authority.write(
      "locked.key",
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMA==\n-----END ENCRYPTED PRIVATE KEY-----\n")
    #expect(
      problems(plan(authority.certificate, own.certificate, locked)) == [
        "\(locked): the key is encrypted, and nobody types its passphrase at a start: store it without "
          + "one, readable for the user vipd only"
      ])
  }

  @Test func `A key of another certificate is told as such`() throws {
    let one = try authority.issue("one")
    let other = try authority.issue("other")
    #expect(
      problems(plan(authority.certificate, one.certificate, other.key)) == [
        "\(other.key): this is not the key of the certificate in \(one.certificate)"
      ])
  }

  @Test func `CAs may lie in a directory, beside what is none`() throws {
    let other = try TestAuthority()
    let text = try String(contentsOfFile: other.certificate, encoding: .utf8)
    try authority.write("other.pem", text)
    let material = try TLSMaterial(reading: TLSPlan(authorities: authority.directory))
    #expect(material.terms.map(\.path) == [authority.directory])
    #expect(
      problems(TLSPlan(authorities: "/proc/self/fdinfo")) == [
        "/proc/self/fdinfo: the directory has no file NAME.pem, NAME.crt or NAME.cer"
      ])
  }

  @Test func `A renewed file makes other material, for the connections to come`() throws {
    let own = try authority.issue("vipd", days: -1...20)
    let plan = plan(authority.certificate, own.certificate, own.key)
    let old = try TLSMaterial(reading: plan)
    let client = TLSClient(old)
    _ = try authority.issue("vipd", days: -1...40)
    let new = try TLSMaterial(reading: plan)
    #expect(old != new)
    client.replace(new)
    #expect(client.material == new)
  }

  @Test(arguments: [
    ("redis.example", "redis.example", true), ("Redis.Example.", "redis.example", true),
    ("*.example", "redis.example", false), ("*.redis.example", "one.redis.example", true),
    ("*.redis.example", "a.one.redis.example", false), ("*.redis.example", "redis.example", false),
    ("o*.redis.example", "one.redis.example", false), ("", "redis.example", false),
    ("redis.example", "xredis.example", false),
  ])
  func `A name stands for itself, and an asterisk for one label`(
    pattern: String, host: String, isNamed: Bool
  ) {
    #expect(CertificateNames(hosts: [pattern]).include(.host(host)) == isNamed)
  }

  @Test func `An address is no host name, and a host name no address`() throws {
    let address = try #require(IPAddress("10.77.0.1"))
    let names = CertificateNames(hosts: ["10.77.0.1"], addresses: [])
    #expect(!names.include(.address(address)))
    #expect(!CertificateNames(addresses: [address]).include(.host("10.77.0.1")))
    #expect(CertificateNames(addresses: [address]).include(.address(address)))
  }

  @Test func `The names of a certificate are read from it`() throws {
    let pair = try authority.issue(
      "many", names: "IP:10.77.0.1,IP:fd77::1,DNS:a.example,DNS:b.example,email:x@y.example")
    let certificate = try #require(try NIOSSLCertificate.fromPEMFile(pair.certificate).first)
    let names = CertificateNames(certificate)
    #expect(names.hosts == ["a.example", "b.example"])
    #expect(names.addresses == ["10.77.0.1", "fd77::1"].compactMap { IPAddress($0) })
    #expect(names.text == "10.77.0.1, fd77::1, a.example, b.example")
    #expect(CertificateNames().text == nil)
  }
}
