import Addresses
import CLinux
import Configuration
import ControlProtocol
import FailoverCore
import Glibc
import Kernel
import Platform

/// Reads how this host is, for `vipctl doctor`; all of it blocks.
///
/// It may be a sandboxed user that reads: what it may not, it says.
struct HostFactsReader: Sendable {
  /// Where the host's files are, in front of each path; empty but in tests.
  var root = ""
  let addresses: [IPAddress]
  /// The interfaces of the addresses.
  let interfaces: Set<String>
  /// The daemon's own files by kind.
  let files: [(kind: String, path: String)]

  /// The files of programs that may give a host a virtual address (interfaces(5), netplan(5),
  /// systemd.network(5), nm-settings-keyfile(5), keepalived.conf(5)).
  static let addressFiles = [
    "/etc/network/interfaces", "/etc/network/interfaces.d/*", "/etc/netplan/*.yaml",
    "/run/netplan/*.yaml", "/etc/systemd/network/*.network", "/run/systemd/network/*.network",
    "/etc/systemd/network/*.network.d/*.conf",
    "/etc/NetworkManager/system-connections/*", "/etc/keepalived/keepalived.conf",
    "/etc/keepalived/conf.d/*.conf", "/etc/sysconfig/network-scripts/ifcfg-*",
  ]
  /// The most units that are told.
  static let maxUnits = 16
  /// Directories that hide what is in them from a user who may not list them.
  static let addressDirectories = [
    "/etc/netplan", "/etc/NetworkManager/system-connections", "/etc/keepalived",
  ]

  /// Reads all.
  func read() -> HostFactsDocument {
    HostFactsDocument { facts in
      facts.host = SmallFile.text(at: root + "/proc/sys/kernel/hostname") ?? ""
      facts.isClockSynchronized = Self.isClockSynchronized
      facts.lockedKiB = lockedKiB
      facts.hasJournal = hasJournal
      facts.interfaces = SmallFile.names(in: root + "/sys/class/net").count { $0 != "lo" }
      facts.settings = settings
      // Where systemd does not run its files say nothing.
      facts.units = facts.hasJournal == nil ? [] : units
      facts.files = files.map(Self.file)
      readAddressFiles(&facts)
    }
  }

  // MARK: - The kernel

  /// adjtimex(2): STA_UNSYNC is 0x40.
  private static var isClockSynchronized: Bool? {
    var state = timex()
    guard unsafe adjtimex(&state) >= 0 else { return nil }
    return state.status & 0x40 == 0
  }

  /// `VmLck` of proc_pid_status(5).
  private var lockedKiB: Int64? {
    let lines = SmallFile.text(at: root + "/proc/self/status")?.split(separator: "\n") ?? []
    let words = lines.first { $0.hasPrefix("VmLck:") }?.split { $0 == " " || $0 == "\t" }
    return words.flatMap { $0.count > 1 ? Int64($0[1]) : nil }
  }

  private var hasJournal: Bool? {
    guard unsafe access(root + "/run/systemd/system", F_OK) == 0 else { return nil }
    return unsafe access(root + "/run/systemd/journal/socket", W_OK) == 0
  }

  private var settings: [HostFactsDocument.Setting] {
    let perInterface = interfaces.sorted().flatMap { name in
      ["arp_filter", "arp_ignore", "rp_filter"].flatMap { setting in
        ["all", name].map { "net/ipv4/conf/\($0)/\(setting)" }
      }
    }
    let global = [
      "net/ipv4/ip_nonlocal_bind", "net/ipv6/ip_nonlocal_bind",
      "net/netfilter/nf_conntrack_count", "net/netfilter/nf_conntrack_max",
      "vm/overcommit_memory",
    ]
    return (perInterface + global).compactMap { path in
      // Absent: the kernel was built without it.
      guard let value = SmallFile.text(at: "\(root)/proc/sys/\(path)").flatMap({ Int64($0) }) else {
        return nil
      }
      return HostFactsDocument.Setting { ($0.name, $0.value) = (Self.sysctl(path), value) }
    }
  }

  /// As sysctl(8) has it: `/` for `.`, and the reverse, as for `eth0.5`.
  static func sysctl(_ path: String) -> String {
    String(path.map { $0 == "/" ? "." : $0 == "." ? "/" : $0 })
  }

  // MARK: - Files

  private var units: [HostFactsDocument.Unit] {
    ServerUnits.read(root: root).prefix(Self.maxUnits).map { unit in
      HostFactsDocument.Unit {
        ($0.name, $0.restart, $0.user) = (unit.name, unit.restart, unit.user)
        $0.hasGuard = unit.hasGuard
      }
    }
  }

  private static func file(_ kind: String, _ path: String) -> HostFactsDocument.File {
    HostFactsDocument.File { file in
      (file.kind, file.path) = (kind, path)
      if let rights = FileRights(of: path) {
        file.mode = Int(rights.mode & 0o7777)
      } else {
        file.problem = FileProblem("look at", path).description
      }
    }
  }

  private func readAddressFiles(_ facts: inout HostFactsDocument) {
    for directory in Self.addressDirectories {
      let path = root + directory
      guard unsafe access(path, F_OK) == 0, unsafe access(path, R_OK | X_OK) != 0 else { continue }
      facts.unseen.append(Self.unseen(directory, FileProblem("read", directory)))
    }
    for path in Self.addressFiles.flatMap({ SmallFile.paths(matching: root + $0) }).prefix(200) {
      let name = String(path.dropFirst(root.utf8.count))
      switch SmallFile.read(path) {
      case .success(let octets): facts.lines += lines(in: octets, of: name)
      case .failure(let problem) where problem.code != EISDIR:
        facts.unseen.append(Self.unseen(name, problem))
      case .failure: break
      }
    }
    facts.lines = Array(facts.lines.prefix(20))
    facts.unseen = Array(facts.unseen.prefix(20))
  }

  private static func unseen(
    _ name: String, _ problem: FileProblem
  ) -> HostFactsDocument.Unseen {
    HostFactsDocument.Unseen {
      $0.what = "whether \(name) names the address"
      $0.why = "the user of vipd " + problem.description
    }
  }

  /// The lines of a file that have one of the addresses as a word, comments left out.
  private func lines(in octets: [UInt8], of path: String) -> [HostFactsDocument.Line] {
    let lines = octets.split(separator: 10, omittingEmptySubsequences: false)
    return lines.enumerated().compactMap { index, octets in
      let line = String(decoding: octets, as: UTF8.self).prefix { $0 != "#" && $0 != "!" }
      let words = line.split { !($0.isHexDigit || $0 == "." || $0 == ":") }
      // The line of a key, such as `address:`, ends in a colon.
      let found = words.lazy.compactMap { IPAddress($0) }.first(where: addresses.contains)
      return found.map { address in
        HostFactsDocument.Line {
          ($0.path, $0.number, $0.address) = (path, index + 1, "\(address)")
        }
      }
    }
  }
}
