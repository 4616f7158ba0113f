public import Configuration

/// A configuration with what its files hold: passwords and keys.
public struct LoadedConfiguration: Equatable, Sendable {
  /// What the configuration file says.
  public var configuration: Configuration
  var sentinelLogin: Login?
  var redisLogins: [String: Login] = [:]
  var channelKeys: [String: [UInt8]] = [:]

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
    func login(_ credentials: Credentials?) -> Login? {
      guard let credentials else { return nil }
      return secret(credentials.passwordFile, &problems).map {
        Login(user: credentials.user, password: String(decoding: $0, as: UTF8.self))
      }
    }
    func secret(_ path: String, _ problems: inout [String]) -> [UInt8]? {
      switch SmallFile.read(path) {
      case .failure(let problem): problems.append(problem.description)
      case .success(let bytes):
        let line = bytes.prefix { $0 != 10 && $0 != 13 }
        if !line.isEmpty { return Array(line) }
        problems.append("\(path) is empty: a password or key is expected in its first line")
      }
      return nil
    }
    sentinelLogin = login(configuration.sentinelCredentials)
    for group in configuration.groups {
      redisLogins[group.masterName] = login(group.redisCredentials)
      channelKeys[group.masterName] = group.channelKeyFile.flatMap { secret($0, &problems) }
    }
    guard problems.isEmpty else { throw LoadingError(problems: problems) }
  }
}

/// Why a configuration could not be loaded: every problem, as a line for people.
public struct LoadingError: Error, Equatable, Sendable {
  /// The lines.
  public let problems: [String]
}
