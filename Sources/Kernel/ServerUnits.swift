import Glibc
import Platform

/// The units of systemd that run Redis, Valkey or Sentinel, as their files say it; reading them blocks.
///
/// vipd can't ask systemd which of them runs the Redis that it watches, and does not see the processes of
/// others. So it takes what is installed.
package enum ServerUnits {
  /// A unit, with what its file and its drop-ins say.
  package struct Unit: Equatable, Sendable {
    /// `redis-server.service`.
    package var name: String
    /// `Restart=`; nil where nothing says it, which is `no`.
    package var restart: String?
    /// `User=`; nil where nothing says it, which is root.
    package var user: String?
    /// Whether it asks vipd before it starts (`ExecStartPre=` of `vipctl guard`).
    package var hasGuard = false

    /// Whether it runs Sentinel, and no server.
    package var isSentinel: Bool { name.contains("sentinel") }
    fileprivate var isTemplate: Bool { name.contains("@.") }

    package init(name: String) {
      self.name = name
    }
  }

  /// Where systemd looks, in its order (systemd.unit(5)): the first file of a name counts.
  private static let directories = [
    "/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
  ]
  /// The names that the packages use.
  private static let pattern = "{redis,valkey}*.service"

  /// Reads them under a directory for `/`, in the order of their names.
  ///
  /// A template counts only where there is no other unit of its kind: Debian installs one beside it that
  /// hardly anybody uses.
  package static func read(root: String) -> [Unit] {
    let units = installed(root: root).map { name, path, aliases in
      unit(name, path, names: aliases.union([name]), root: root)
    }
    return units.filter { unit in
      !unit.isTemplate
        || !units.contains { !$0.isTemplate && $0.isSentinel == unit.isSentinel }
    }.sorted { $0.name < $1.name }
  }

  /// Whether every server asks before it starts; where there is no unit by these names, one drop-in that asks
  /// is taken for that of the unit.
  static func callGuard(root: String) -> Bool {
    let servers = read(root: root).filter { !$0.isSentinel }
    guard servers.isEmpty else { return servers.allSatisfy(\.hasGuard) }
    return inForce(pattern + ".d/*.conf", root: root).contains { file in
      var unit = Unit(name: "")
      take(file.path, &unit)
      return unit.hasGuard
    }
  }

  // MARK: - Which there are

  /// The units that are there, with their files and the other names by which they go.
  ///
  /// A link to another unit is such a name, one to `/dev/null` switches a unit off, and any other link leads to
  /// the unit itself (`systemctl link`).
  private static func installed(
    root: String
  ) -> [(name: String, path: String, aliases: Set<String>)] {
    let files = inForce(pattern, root: root).map { ($0.name, $0.path, target(of: $0.path)) }
    let names = Set(files.map(\.0))
    func isAlias(_ name: String, _ target: String?) -> Bool {
      target.map { $0 != name && names.contains($0) } ?? false
    }
    return files.filter { $0.2 != "null" && !isAlias($0.0, $0.2) }.map { name, path, _ in
      (name, path, Set(files.filter { $0.2 == name && $0.0 != name }.map(\.0)))
    }
  }

  /// The files that systemd reads, of one name the first, which may be empty or a link to /dev/null to switch
  /// it off.
  private static func inForce(
    _ pattern: String, root: String
  ) -> [(name: String, path: String)] {
    var known: Set<String> = []
    return directories.flatMap { directory in
      let start = "\(root)\(directory)/"
      return SmallFile.paths(matching: start + pattern).compactMap { path in
        let name = String(path.dropFirst(start.count))
        return known.insert(name).inserted ? (name, path) : nil
      }
    }
  }

  /// The last part of what a link leads to; nil if it is none.
  private static func target(of path: String) -> String? {
    let most = Int(PATH_MAX)
    var bytes = [CChar](repeating: 0, count: most)
    let count = unsafe readlink(path, &bytes, most)
    guard count > 0 else { return nil }
    let text = String(decoding: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    return text.split(separator: "/").last.map(String.init)
  }

  // MARK: - What they say

  /// Reads a file, then the drop-ins of all its names, in the order of theirs.
  private static func unit(
    _ name: String, _ path: String, names: Set<String>, root: String
  ) -> Unit {
    var unit = Unit(name: name)
    take(path, &unit)
    let dropIns = names.flatMap { inForce("\($0).d/*.conf", root: root) }
    func order(_ path: String) -> Substring { path.split(separator: "/").last ?? "" }
    for dropIn in dropIns.sorted(by: { order($0.path) < order($1.path) }) {
      take(dropIn.path, &unit)
    }
    return unit
  }

  private static func take(_ path: String, _ unit: inout Unit) {
    for line in SmallFile.text(at: path)?.split(whereSeparator: \.isNewline) ?? [] {
      // White space around the equal sign is ignored (systemd.syntax(7)).
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, let key = parts[0].split(separator: " ").first else { continue }
      let value = parts[1].drop { $0 == " " }
      switch key {
      case "Restart": unit.restart = value.isEmpty ? nil : String(value)
      case "User": unit.user = value.isEmpty ? nil : String(value)
      // An empty one takes back those before it (systemd.service(5)).
      case "ExecStartPre" where value.isEmpty: unit.hasGuard = false
      case "ExecStartPre" where value.contains("vipctl guard"): unit.hasGuard = true
      default: break
      }
    }
  }
}
