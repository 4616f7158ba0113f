import Addresses
import Configuration
import FailoverCore
import Links
import Logging
import NIOCore
import NIOPosix
import Platform
import Wording

/// The certificates in force: hands them to who connects, reads them again, and says when they end.
///
/// Without a `tls` line there is nothing here, and nothing is read.
final class CertificateKeeper {
  /// The servers that one `tls` line is about.
  enum Scope: Hashable, Sendable {
    case sentinels
    case redis(masterName: String)

    /// The beginning of the line.
    var directive: String {
      switch self {
      case .sentinels: "tls sentinel"
      case .redis(let name): "tls redis \(name)"
      }
    }
  }

  /// How often the files are read again: a certificate that was renewed is in force soon, also where nobody
  /// reloads.
  static let period = Duration.seconds(600)
  /// How often, while they can't be used: a key may come some seconds behind its certificate.
  static let retryPeriod = Duration.seconds(10)
  /// How often it is looked what is due, and what is wrong.
  private static let lookPeriod = Duration.seconds(5)
  /// How long before its end a certificate is told of.
  static let notice: Int64 = 14 * 86_400
  /// How often what stays wrong is logged again.
  private static let logPeriod = Duration.seconds(86_400)

  private let pool: NIOThreadPool
  private let loop: any EventLoop
  private let clock: HostClock
  private let logger: Logger
  private let period: Duration
  private let hostNames: (Scope, IPAddress) -> [String]
  private var clients: [Scope: TLSClient] = [:]
  /// Why files could not be read again; what they held before is in force.
  private var failures: [Scope: [String]] = [:]
  private var readAt: Instant?
  private var lookedAt: Instant?
  private var loggedAt: [String: Instant] = [:]

  init(
    pool: NIOThreadPool, loop: any EventLoop, clock: HostClock, logger: Logger,
    period: Duration = CertificateKeeper.period,
    hostNames: @escaping (Scope, IPAddress) -> [String]
  ) {
    self.pool = pool
    self.loop = loop
    self.clock = clock
    self.logger = logger
    self.period = period
    self.hostNames = hostNames
  }

  /// What makes the connections of a scope encrypted ones; nil where they are not.
  subscript(scope: Scope) -> TLSClient? { clients[scope] }

  /// What is in force.
  var materials: [Scope: TLSMaterial] { clients.mapValues(\.material) }

  /// Uses what a configuration has read from now on.
  ///
  /// Where only the content of files changed, connections that stand go on, and new ones use it.
  func use(_ materials: [Scope: TLSMaterial]) {
    for scope in clients.keys where materials[scope] == nil { clients[scope] = nil }
    for (scope, material) in materials {
      if let client = clients[scope], client.material.plan == material.plan {
        client.replace(material)
      } else {
        clients[scope] = TLSClient(material) { [hostNames] in hostNames(scope, $0) }
      }
    }
    failures = [:]
    readAt = clock.now()
  }

  /// Reads the files again now and then, and logs what is wrong; called on every tick.
  func tick(at now: Instant) {
    guard !clients.isEmpty, lookedAt.map({ now - $0 >= Self.lookPeriod }) ?? true else { return }
    lookedAt = now
    logProblems(at: now)
    let pace = failures.isEmpty ? period : Self.retryPeriod
    if let readAt, now - readAt < pace { return }
    readAt = now
    for (scope, client) in clients { read(client.material.plan, for: scope) }
  }

  private func read(_ plan: TLSPlan, for scope: Scope) {
    pool.runIfActive(eventLoop: loop) { () -> Result<TLSMaterial, TLSMaterialError> in
      do throws(TLSMaterialError) {
        return .success(try TLSMaterial(reading: plan))
      } catch {
        return .failure(error)
      }
    }
    .assumeIsolated().whenSuccess { [weak self] result in self?.take(result, for: scope, plan) }
  }

  private func take(
    _ result: Result<TLSMaterial, TLSMaterialError>, for scope: Scope, _ plan: TLSPlan
  ) {
    // A reload may have come in between.
    guard let client = clients[scope], client.material.plan == plan else { return }
    switch result {
    case .success(let material):
      failures[scope] = nil
      guard material != client.material else { return }
      client.replace(material)
      logger.notice("The files of '\(scope.directive)' changed; new connections use them")
    case .failure(let error): failures[scope] = error.problems
    }
  }

  // MARK: - What is wrong

  private func logProblems(at now: Instant) {
    let problems = problems
    let sentences = Set(problems.map(\.sentence))
    loggedAt = loggedAt.filter { sentences.contains($0.key) }
    for problem in problems {
      if let last = loggedAt[problem.sentence], now - last < Self.logPeriod { continue }
      loggedAt[problem.sentence] = now
      logger.warning("\(problem.sentence)")
    }
  }

  /// What is wrong with certificates; empty if all is well.
  var problems: [GroupProblem] {
    let seconds = clock.wallNanoseconds() / 1_000_000_000
    let scopes = clients.keys.sorted { $0.directive < $1.directive }
    return scopes.flatMap { scope -> [GroupProblem] in
      let material = clients[scope]?.material
      return Self.unverified(scope, material) + unread(scope)
        + (material?.terms ?? []).compactMap { Self.problem(of: $0, at: seconds) }
    }
  }

  private static func unverified(_ scope: Scope, _ material: TLSMaterial?) -> [GroupProblem] {
    guard let material, !material.plan.isVerified else { return [] }
    return [
      GroupProblem(
        label: "tls-unverified",
        sentence:
          "'\(scope.directive)' says 'verify no': whoever is on the way can pose as these servers, and "
          + "gets their passwords. Say 'ca FILE' instead, and reload")
    ]
  }

  private func unread(_ scope: Scope) -> [GroupProblem] {
    guard let reasons = failures[scope] else { return [] }
    return [
      GroupProblem(
        label: "certificate-unread",
        sentence:
          "the files of '\(scope.directive)' changed and can't be used, so what they held before is in "
          + "force, and vipd would not start again: \(Reloader.list(reasons))")
    ]
  }

  /// What is wrong with one file; nil if its certificates serve for long.
  static func problem(of term: CertificateTerm, at seconds: Int64) -> GroupProblem? {
    let what: String
    let remedy: String
    switch term.role {
    case .authorities:
      what = "the CA in \(term.path)"
      remedy =
        "Put a CA that lasts into that file, on every host, before servers get its certificates"
    case .client:
      what = "the certificate in \(term.path)"
      remedy =
        "Put a new one there, with its key; it is read within 10 minutes, or by vipctl reload"
    }
    if term.end <= seconds {
      return GroupProblem(
        label: "certificate-expired",
        sentence:
          "\(what) expired on \(WallTime.day(seconds: term.end)): new connections are refused. \(remedy)"
      )
    }
    if term.begin > seconds {
      return GroupProblem(
        label: "certificate-not-yet-valid",
        sentence:
          "\(what) is valid only from \(WallTime.day(seconds: term.begin)) on: see this host's clock"
      )
    }
    guard term.end - seconds <= notice else { return nil }
    return GroupProblem(
      label: "certificate-expires",
      sentence: "\(what) expires on \(WallTime.day(seconds: term.end)). \(remedy)")
  }
}

extension TLSPlan {
  /// What the configuration says, as who connects understands it.
  init(_ settings: TLSSettings) {
    self.init(
      authorities: settings.authorities,
      client: settings.client.map {
        Client(certificateFile: $0.certificateFile, keyFile: $0.keyFile)
      },
      serverName: settings.serverName.map { host in
        switch host {
        case .address(let address): .address(address)
        case .name(let name): .host(name)
        }
      })
    isVersion13 = settings.minVersion == .tls13
    isVerified = settings.isVerified
  }
}
