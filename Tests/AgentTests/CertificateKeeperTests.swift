import Addresses
import Configuration
import FailoverCore
import Foundation
import Logging
import NIOCore
import NIOPosix
import PeerKit
import Platform
import Testing
import Wording

@testable import Agent
@testable import Links

@Suite(.timeLimit(.minutes(10))) struct CertificateKeeperTests {
  private static let now: Int64 = 1_800_000_000

  private func problem(
    _ role: CertificateTerm.Role, begin: Int64 = -1, end: Int64
  ) -> (label: String, sentence: String)? {
    CertificateKeeper.problem(
      of: CertificateTerm(
        role: role, path: "/f", begin: Self.now + begin * 86_400, end: Self.now + end * 86_400),
      at: Self.now
    ).map { ($0.label, $0.sentence) }
  }

  @Test func `The end of a certificate is told 14 days before, and when it has come`() {
    #expect(problem(.client, end: 15) == nil)
    #expect(problem(.client, end: 14)?.label == "certificate-expires")
    #expect(
      problem(.client, end: 14)?.sentence
        == "the certificate in /f expires on 2027-01-29. Put a new one there, with its key; it is read "
        + "within 10 minutes, or by vipctl reload")
    #expect(problem(.client, end: 0)?.label == "certificate-expired")
    #expect(
      problem(.authorities, end: -1)?.sentence.hasPrefix("the CA in /f expired on 2027") == true)
    #expect(problem(.client, begin: 1, end: 30)?.label == "certificate-not-yet-valid")
  }

  /// What a file says, read as a start would.
  private func load(_ authority: TestAuthority, _ lines: String) throws -> LoadedConfiguration {
    let path = try authority.write(
      "vipd.conf", "sentinel 10.77.0.1 26379\nvip m 10.77.0.100/24 dev eth0\n" + lines)
    return try LoadedConfiguration.load(path)
  }

  @Test func `A file names its certificates once for the Sentinels, and once for each master`()
    throws
  {
    let authority = try TestAuthority()
    let own = try authority.issue("vipd")
    let options = "ca \(authority.certificate) cert \(own.certificate) key \(own.key)"
    let loaded = try load(authority, "tls sentinel \(options)\ntls redis m verify no\n")
    #expect(Set(loaded.certificates.keys) == [.sentinels, .redis(masterName: "m")])
    #expect(loaded.certificates[.redis(masterName: "m")]?.plan.isVerified == false)
    #expect(try load(authority, "").certificates.isEmpty)
    try authority.write("vipd.key", "none\n")
    do {
      _ = try load(authority, "tls sentinel \(options)\ntls redis m \(options)\n")
      Issue.record("it was read")
    } catch let error as LoadingError {
      #expect(
        error.problems == [
          "\(own.key): expected a private key in PEM form (-----BEGIN PRIVATE KEY-----)"
        ])
    }
  }

  @Test func `Files are read again, and those that can't be used leave the old ones in force`()
    async throws
  {
    let authority = try TestAuthority()
    let own = try authority.issue("vipd")
    let options = "ca \(authority.certificate) cert \(own.certificate) key \(own.key)"
    let loaded = try load(authority, "tls redis m \(options)\n")
    let scope = CertificateKeeper.Scope.redis(masterName: "m")
    let key = try String(contentsOfFile: own.key, encoding: .utf8)
    try authority.write("vipd.key", "none\n")
    let pool = NIOThreadPool(numberOfThreads: 1)
    pool.start()
    await onLoop { loop, finish in
      let keeper = CertificateKeeper(
        pool: pool, loop: loop, clock: HostClock(), logger: Logger(label: "t"), period: .zero
      ) { _, _ in [] }
      keeper.use(loaded.certificates)
      let client = keeper[scope]
      let old = client?.material
      var at = HostClock().now()
      // Each look is later than the longest wait between two.
      let look = {
        at = at + .seconds(20)
        keeper.tick(at: at)
      }
      until(
        loop,
        {
          look(); return keeper.problems.contains { $0.label == "certificate-unread" }
        }
      ) {
        #expect(client?.material == old)
        #expect(keeper[scope] === client)
        _ = try? authority.write("vipd.key", key)
        until(
          loop,
          {
            look(); return keeper.problems.isEmpty
          }
        ) {
          #expect(client?.material == old)
          keeper.use([:])
          #expect(keeper[scope] == nil)
          finish()
        }
      }
    }
    try await pool.shutdownGracefully()
  }
}
