import Foundation
import Glibc
import Lab

/// A control group of one host, in each hierarchy that systemd uses; cgroups(7).
///
/// Each host needs one of its own: two systemds in one would end each other's services. It also
/// tells which processes are a host's, whatever became of whoever started them.
struct ControlGroup {
  let name: String

  /// The hierarchies of this machine: the unified one alone, or systemd's of version 1 beside it.
  private static var hierarchies: [String] {
    let root = "/sys/fs/cgroup"
    return [root, "\(root)/systemd", "\(root)/unified"].filter {
      FileManager.default.fileExists(atPath: "\($0)/cgroup.procs")
    }
  }

  /// The directories of the group.
  var directories: [String] { ControlGroup.hierarchies.map { "\($0)/\(name)" } }

  /// Whether this machine lets such groups be made: in a container it often does not.
  static var canBeMade: Bool {
    let probe = ControlGroup(name: "vh-probe\(getpid())")
    let directories = probe.directories
    defer { probe.remove() }
    return !directories.isEmpty && directories.allSatisfy { unsafe mkdir($0, 0o755) == 0 }
  }

  /// The groups of this machine whose names begin so.
  static func names(prefix: String) -> [String] {
    Set(
      hierarchies.flatMap { hierarchy in
        ((try? FileManager.default.contentsOfDirectory(atPath: hierarchy)) ?? []).filter {
          $0.hasPrefix(prefix)
        }
      }
    ).sorted()
  }

  /// Every process in the group and below it.
  var processes: [LabProcess] {
    var numbers: Set<Int32> = []
    for group in subgroups() {
      let text = (try? String(contentsOfFile: "\(group)/cgroup.procs", encoding: .utf8)) ?? ""
      numbers.formUnion(text.split(separator: "\n").compactMap { Int32($0) })
    }
    return numbers.filter { $0 > 0 }.sorted().map { LabProcess(number: $0) }
  }

  /// Removes the group, in which no process may be left.
  func remove() {
    // The innermost first: a group with groups below it stays.
    for group in subgroups().sorted(by: { $0.count > $1.count }) { _ = unsafe rmdir(group) }
  }

  /// The paths of the group and of all below it.
  private func subgroups() -> [String] {
    directories.flatMap { directory in
      guard FileManager.default.fileExists(atPath: directory) else { return [String]() }
      let names = FileManager.default.enumerator(atPath: directory)?.compactMap { $0 as? String }
      return [directory]
        + (names ?? []).map { "\(directory)/\($0)" }.filter {
          FileManager.default.fileExists(atPath: "\($0)/cgroup.procs")
        }
    }
  }
}
