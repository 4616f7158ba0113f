import Addresses
import FailoverCore
import NIOCore
import NIOSSL
import PeerKit
import Platform
import RESP
import Testing

@testable import Links

/// A server that speaks TLS, and what a connection to it came to.
private struct Encounter: Sendable {
  /// What the server shows.
  var pair: TestAuthority.Pair?
  /// The CA of which it wants a certificate; nil if it asks for none.
  var clientAuthority: String?
  var maxVersion: TLSVersion?
  /// What it is asked by; nil for a connection without TLS.
  var plan: TLSPlan?
  /// The address under which it is known, where that is not 127.0.0.1.
  var meaning: IPAddress?
  var hostNames: [String] = []
  /// Whether it answers at all.
  var isSilent = false

  enum Outcome: Equatable, Sendable {
    case ready
    case lost(ConnectionLoss, String)
  }

  func context() throws -> NIOSSLContext? {
    guard let pair else { return nil }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMFile(pair.certificate).map {
        .certificate($0)
      },
      privateKey: .privateKey(try NIOSSLPrivateKey(file: pair.key, format: .pem)))
    configuration.maximumTLSVersion = maxVersion
    if let clientAuthority {
      configuration.trustRoots = .file(clientAuthority)
      configuration.certificateVerification = .noHostnameVerification
    }
    return try NIOSSLContext(configuration: configuration)
  }

  typealias Result = (outcome: Outcome, told: [[String]])

  /// Connects, says PING, and tells what came of it, and what the server was told.
  func meet() async throws -> Result {
    let context = try context()
    let material = try plan.map { try TLSMaterial(reading: $0) }
    return await withCheckedContinuation { continuation in
      Task {
        await onLoop { loop, finish in
          let server = server(loop, context)
          let bound = NIOLoopBound(server, eventLoop: loop)
          server.open { port in
            let tls = material.map { material in
              TLSClient(material) { [hostNames] _ in hostNames }
            }
            connect(loop, port, Access(login: Login(password: "secret"), tls: tls)) { outcome in
              continuation.resume(returning: (outcome, bound.value.commands))
              bound.value.close()
              finish()
            }
          }
        }
      }
    }
  }

  /// A server that answers, unless it hangs.
  private func server(_ loop: any EventLoop, _ context: NIOSSLContext?) -> FakeServer {
    let server = FakeServer(loop: loop) { [isSilent] words, writer in
      if isSilent { return }
      if words[0] == "HELLO" {
        writer.version = .three
        writer.map(count: 0)
      } else {
        writer.simpleString("PONG")
      }
    }
    server.encryption = context
    return server
  }

  private func connect(
    _ loop: any EventLoop, _ port: UInt16, _ access: Access, _ done: @escaping (Outcome) -> Void
  ) {
    var connection: RESPConnection?
    let made = RESPConnection(
      to: loopback(port), meaning: meaning, access: access, loop: loop, clock: HostClock()
    ) { event in
      switch event {
      case .ready:
        connection?.send(RESPCommands([["PING"]])) { outcome in
          guard outcome.replies != nil else { return }
          connection?.abandon()
          connection = nil
          done(.ready)
        }
      case .closed(let loss, let text):
        connection = nil
        done(.lost(loss, text))
      case .pushed, .subscriptionRefused: break
      }
    }
    connection = made
    made.open()
    guard isSilent else { return }
    until(
      loop, { connection?.closeIfSilent(for: .milliseconds(50), at: HostClock().now()) != false }
    ) {}
  }
}

@Suite(.timeLimit(.minutes(10))) struct TLSConnectionTests {
  private let authority: TestAuthority
  private let server: TestAuthority.Pair

  init() throws {
    authority = try TestAuthority()
    server = try authority.issue("server")
  }

  private var plan: TLSPlan { TLSPlan(authorities: authority.certificate) }

  /// Why a connection was lost, without the mark.
  private func loss(_ encounter: Encounter) async throws -> String {
    let (outcome, told) = try await encounter.meet()
    guard case .lost(.unreachable, let text) = outcome else { return "\(outcome)" }
    #expect(told.allSatisfy { !$0.contains("secret") }, "the password was told")
    #expect(ServerWords(text).concernsTLS, "\(text)")
    return String(text.dropFirst(TLSFailure.mark.count))
  }

  @Test func `A server that shows a certificate of its address is let in, and told the password`()
    async throws
  {
    let (outcome, told) = try await Encounter(pair: server, plan: plan).meet()
    #expect(outcome == .ready)
    #expect(told == [["HELLO", "3", "AUTH", "default", "secret"], ["PING"]])
  }

  @Test func `TLS 1.2 is spoken too, unless the file says otherwise`() async throws {
    var encounter = Encounter(pair: server, maxVersion: .tlsv12, plan: plan)
    #expect(try await encounter.meet().outcome == .ready)
    encounter.plan?.isVersion13 = true
    #expect(
      try await loss(encounter)
        == "it speaks no version from 1.3 on: see its tls-protocols, and min-version")
  }

  @Test func `A server that asks for a certificate gets it`() async throws {
    let own = try authority.issue("vipd", names: nil)
    var encounter = Encounter(pair: server, clientAuthority: authority.certificate, plan: plan)
    encounter.plan?.client = TLSPlan.Client(
      certificateFile: own.certificate, keyFile: own.key)
    for version in [TLSVersion.tlsv12, .tlsv13] {
      encounter.maxVersion = version
      #expect(try await encounter.meet().outcome == .ready)
    }
  }

  @Test(arguments: [TLSVersion.tlsv12, .tlsv13])
  func `A server that gets no certificate, or refuses it, is told with what to look at`(
    version: TLSVersion
  ) async throws {
    var encounter = Encounter(
      pair: server, clientAuthority: authority.certificate, maxVersion: version, plan: plan)
    let (bare, _) = try await encounter.meet()
    guard case .lost(.unreachable, let text) = bare else {
      Issue.record("\(bare)")
      return
    }
    #expect(text.hasSuffix("may want a client certificate: add cert and key to the 'tls' line"))
    let stranger = try TestAuthority()
    let own = try stranger.issue("vipd")
    encounter.plan?.client = TLSPlan.Client(certificateFile: own.certificate, keyFile: own.key)
    let (refused, _) = try await encounter.meet()
    guard case .lost(.unreachable, let words) = refused else {
      Issue.record("\(refused)")
      return
    }
    #expect(words.hasPrefix("TLS: it refuses \(own.certificate) ("))
  }

  @Test func `A certificate that ended, or has not begun, is told with its day`() async throws {
    let old = try authority.issue("old", days: -30 ... -2)
    #expect(
      try await loss(Encounter(pair: old, plan: plan)).hasPrefix("its certificate expired on 20"))
    let young = try authority.issue("young", days: 2...30)
    #expect(
      try await loss(Encounter(pair: young, plan: plan))
        .hasPrefix("its certificate is valid only from 20"))
  }

  @Test
  func `A certificate of another CA is not believed, and one that signs itself is not either`()
    async throws
  {
    let stranger = try TestAuthority()
    let reason =
      "its certificate is signed by none of the CAs in \(authority.certificate): put its CA there, or "
      + "give the server a certificate of yours"
    let other = try stranger.issue("server")
    #expect(try await loss(Encounter(pair: other, plan: plan)) == reason)
    let itself = TestAuthority.Pair(
      certificate: stranger.certificate, key: "\(stranger.directory)/ca.key")
    #expect(try await loss(Encounter(pair: itself, plan: plan)) == reason)
    var careless = Encounter(pair: itself, plan: TLSPlan())
    careless.plan?.isVerified = false
    #expect(try await careless.meet().outcome == .ready)
  }

  @Test func `A certificate must name the server: its address, or how it is known`() async throws {
    let other = try authority.issue("other", names: "IP:10.77.0.2,DNS:redis.example")
    var encounter = Encounter(pair: other, plan: plan)
    #expect(
      try await loss(encounter)
        == "its certificate names 10.77.0.2, redis.example, and not 127.0.0.1: give it one that does, or "
        + "say server-name in the 'tls' line")
    encounter.hostNames = ["Redis.example."]
    #expect(try await encounter.meet().outcome == .ready)
    encounter.hostNames = []
    encounter.meaning = IPAddress("10.77.0.2")
    #expect(try await encounter.meet().outcome == .ready)
    encounter.meaning = IPAddress("10.77.0.3")
    #expect(try await loss(encounter).contains("and not 10.77.0.3: "))
  }

  @Test func `A name for all servers counts alone`() async throws {
    let named = try authority.issue("named", names: "DNS:*.redis.example")
    var encounter = Encounter(pair: named, plan: plan)
    encounter.plan?.serverName = .host("one.redis.example")
    #expect(try await encounter.meet().outcome == .ready)
    encounter.pair = server
    #expect(
      try await loss(encounter)
        == "its certificate names 127.0.0.1, and not one.redis.example: give it one that does, or correct "
        + "server-name")
  }

  @Test func `A common name is no name of a server`() async throws {
    let bare = try authority.issue("127.0.0.1", names: nil)
    #expect(
      try await loss(Encounter(pair: bare, plan: plan)).hasPrefix(
        "its certificate has no subjectAltName, and not 127.0.0.1"))
  }

  @Test func `A server that hangs in the handshake is given up`() async throws {
    #expect(
      try await loss(Encounter(plan: plan, isSilent: true)).hasPrefix(
        "no answer to the handshake within 50 ms: see whether this port speaks TLS"))
  }

  @Test func `TLS that meets none, and none that meets TLS, are told as such`() async throws {
    let (outcome, _) = try await Encounter(pair: server).meet()
    #expect(outcome == .lost(.unreachable, TLSFailure.unexpected.text))
  }
}
