import ChannelMessages
public import Configuration
import Links
import Platform

/// A configuration with what its files hold: passwords, keys and certificates.
public struct LoadedConfiguration: Equatable, Sendable {
  /// What the configuration file says.
  public var configuration: Configuration
  var sentinelLogin: Login?
  var redisLogins: [String: Login] = [:]
  /// The content of each key file; a key itself can't be compared.
  var channelSecrets: [String: [UInt8]] = [:]
  /// The certificates of each `tls` line.
  var certificates: [CertificateKeeper.Scope: TLSMaterial] = [:]

  /// The key that a group's daemons share.
  func channelKey(of masterName: String) -> ChannelKey? {
    channelSecrets[masterName].flatMap(ChannelKey.init(fileContent:))
  }

  /// Reads a configuration and the files that it names; blocks.
  ///
  /// - Throws: every problem, as text for people.
  public static func load(_ path: String) throws(LoadingError) -> LoadedConfiguration {
    let bytes: [UInt8]
    switch SmallFile.read(path) {
    case .success(let content): bytes = content
    case .failure(let problem): throw LoadingError(problems: [problem.description])
    }
    let configuration: Configuration
    do throws(ConfigurationError) {
      configuration = try Configuration(parsing: bytes, file: path)
    } catch {
      throw LoadingError(problems: error.problems.map(\.description))
    }
    return try LoadedConfiguration(readingSecretsOf: configuration)
  }

  init(readingSecretsOf configuration: Configuration) throws(LoadingError) {
    self.configuration = configuration
    var problems: [String] = []
    sentinelLogin = Self.login(configuration.sentinelCredentials, &problems)
    for group in configuration.groups {
      let name = group.masterName
      redisLogins[name] = Self.login(group.redisCredentials, &problems)
      guard let path = group.channelKeyFile, let secret = Self.read(path, &problems) else {
        continue
      }
      channelSecrets[name] = secret
      if ChannelKey(fileContent: secret) == nil {
        problems.append(
          "\(path): a key has \(ChannelKey.shortest) to \(ChannelKey.longest) bytes")
      }
    }
    certificates = Self.certificates(of: configuration, &problems)
    guard problems.isEmpty else { throw LoadingError(problems: problems) }
  }

  private static func certificates(
    of configuration: Configuration, _ problems: inout [String]
  ) -> [CertificateKeeper.Scope: TLSMaterial] {
    var certificates: [CertificateKeeper.Scope: TLSMaterial] = [:]
    for (scope, settings) in configuration.tlsSettings {
      do throws(TLSMaterialError) {
        certificates[scope] = try TLSMaterial(reading: TLSPlan(settings))
      } catch {
        // Lines for several masters may name one file.
        for problem in error.problems where !problems.contains(problem) {
          problems.append(problem)
        }
      }
    }
    return certificates
  }

  private static func login(_ credentials: Credentials?, _ problems: inout [String]) -> Login? {
    guard let credentials, let bytes = read(credentials.passwordFile, &problems) else { return nil }
    let password = bytes.prefix { $0 != 10 && $0 != 13 }
    guard !password.isEmpty else {
      problems.append("\(credentials.passwordFile): a password is expected in the first line")
      return nil
    }
    return Login(user: credentials.user, password: String(decoding: password, as: UTF8.self))
  }

  private static func read(_ path: String, _ problems: inout [String]) -> [UInt8]? {
    switch SmallFile.read(path) {
    case .success(let bytes): return bytes
    case .failure(let problem):
      problems.append(problem.description)
      return nil
    }
  }
}

extension Configuration {
  /// What each `tls` line says, in the order of the groups.
  var tlsSettings: [(scope: CertificateKeeper.Scope, settings: TLSSettings)] {
    let sentinels = sentinelTLS.map { [(CertificateKeeper.Scope.sentinels, $0)] } ?? []
    return sentinels
      + groups.compactMap { group in
        group.tls.map { (.redis(masterName: group.masterName), $0) }
      }
  }
}

/// Why a configuration could not be loaded: every problem, as a line for people.
public struct LoadingError: Error, Equatable, Sendable {
  /// The lines.
  public let problems: [String]
}

extension Configuration {
  /// The files with passwords and keys, which nobody else should read.
  var secretFiles: Set<String> {
    let credentials = [sentinelCredentials] + groups.map(\.redisCredentials)
    return Set(
      credentials.compactMap { $0?.passwordFile } + groups.compactMap(\.channelKeyFile)
        + tlsSettings.compactMap(\.settings.client?.keyFile))
  }
}
