import Configuration
import FailoverCore
import Kernel
import Links
import LinuxNetwork
import Platform
import Wording

/// What `vipd --check` finds on the host that it runs on; all of it blocks.
public enum HostCheck {
  /// The user that `vipd.service` runs the daemon as.
  static let user = "vipd"

  /// Looks at interfaces, addresses, settings and files.
  ///
  /// Nothing of it is a mistake in the file, which may be meant for another host.
  ///
  /// - Returns: what would keep the daemon from doing its work here, as lines for people.
  public static func run(_ loaded: LoadedConfiguration, path: String) -> [String] {
    networkWarnings(loaded.configuration) + fileWarnings(loaded.configuration, path: path)
      + certificateWarnings(loaded) + ProgramCheck.warnings(loaded.configuration)
  }

  private static func networkWarnings(_ configuration: Configuration) -> [String] {
    let addresses = configuration.groups.flatMap(\.virtualAddresses)
    var host = LinkTable()
    host.virtual = Set(addresses.map(\.address))
    do throws(NetlinkError) {
      var table = try AddressTable()
      host.links = Dictionary(try table.links().map { ($0.index, $0) }) { first, _ in first }
      host.assigned = try table.addresses()
    } catch {
      return ["this host's interfaces can't be read: \(error)"]
    }
    let names = Set(addresses.compactMap { host.choice(for: $0).link?.name })
    let settings = HostSettings.read(of: names)
    let found = AddressTrouble.grouped(addresses) {
      host.troubles(of: $0, at: host.choice(for: $0), settings)
    }
    return found.map { $0.trouble.sentence(of: $0.addresses, move: nil) }
  }

  /// Certificates that end soon.
  private static func certificateWarnings(_ loaded: LoadedConfiguration) -> [String] {
    let seconds = HostClock().wallNanoseconds() / 1_000_000_000
    return Set(
      loaded.certificates.values.flatMap(\.terms).compactMap {
        CertificateKeeper.problem(of: $0, at: seconds)?.sentence
      }
    ).sorted()
  }

  private static func fileWarnings(_ configuration: Configuration, path: String) -> [String] {
    let secrets = configuration.secretFiles
    var warnings: [String] = []
    for secret in secrets.sorted() where FileRights(of: secret)?.isReadableByAll == true {
      warnings.append(
        "\(secret) can be read by everybody on this host: chown \(user) \(secret); chmod 400 \(secret)"
      )
    }
    // Where the daemon was never installed it may run as anybody.
    guard let account = Account(named: user) else { return warnings }
    let open = Set([path] + configuration.tlsSettings.flatMap(\.settings.paths)).subtracting(
      secrets)
    for file in open.sorted() + secrets.sorted() {
      if let obstacle = account.obstacle(toReading: file) {
        let remedy =
          if !obstacle.isFile {
            "search \(obstacle.path): put the file into /etc/vipd, and name that"
          } else if open.contains(file) {
            "read it: chmod 644 \(file)"
          } else {
            "read it: chown \(user) \(file); chmod 400 \(file)"
          }
        warnings.append("\(file): the user \(user), as whom the daemon runs, can't \(remedy)")
      }
    }
    return warnings
  }
}
