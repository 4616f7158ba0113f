import Foundation
import Glibc
public import Lab

/// Debian hosts under systemd on one bridge, and a client.
///
/// The lab starts bare programs in namespaces; here systemd starts what Debian's packages and the
/// README install. The bridge has a namespace of its own and nothing is attached to the machine's,
/// so no packet leaves: hosts are 10.77.0.1 and fd77::1 onwards, the client is 10.77.0.201. A set
/// has no state of its own: all is found by names, so whoever comes later can take it down.
public struct HostSet: Sendable {
  /// The name that sets it apart from others on the machine.
  public let id: String
  /// The hosts, in order.
  public let hosts: [DebianHost]

  private init(id: String, count: Int) {
    self.id = id
    hosts = (1...count).map { DebianHost(number: $0, set: id) }
  }

  /// Whether this machine can boot hosts; otherwise a sentence that says why not.
  public static var obstacle: String? {
    guard geteuid() == 0 else { return "hosts are containers, for which root is needed" }
    let paths = (ProcessInfo.processInfo.environment["PATH"] ?? "") + ":/usr/sbin:/sbin"
    for program in ["systemd-nspawn", "debootstrap", "nsenter", "ip", "flock"] {
      let isThere = paths.split(separator: ":").contains {
        FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
      }
      guard isThere else { return "\(program) is not installed" }
    }
    guard ControlGroup.canBeMade else { return "no control group can be made on this machine" }
    return nil
  }

  /// Makes the base tree if need be, builds the network and boots all hosts.
  ///
  /// - Throws: ``LabError``; what was built until then is taken down again.
  public static func up(
    id: String, hosts count: Int = 3, suite: String = "bookworm"
  ) throws(LabError) -> HostSet {
    if let obstacle { throw .refused(obstacle) }
    guard (1...9).contains(count) else { throw .refused("a set has one to nine hosts") }
    guard id.count <= 20, id.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }) else {
      throw .refused("‘\(id)’ is no name for a set: letters and digits, at most 20")
    }
    guard !existing().contains(id) else {
      throw .refused("there is a set ‘\(id)’ already: scripts/hosts down --id \(id)")
    }
    let base = BaseTree(suite: suite)
    try base.make()
    let set = HostSet(id: id, count: count)
    do {
      try makeDirectory(directory(id))
      try set.buildNetwork()
      for host in set.hosts { try host.makeFiles(over: base) }
      for host in set.hosts { try host.powerOn() }
      for host in set.hosts { try host.awaitBoot() }
    } catch {
      set.down()
      throw error
    }
    return set
  }

  /// A set that is up already.
  public static func load(id: String) throws(LabError) -> HostSet {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: directory(id))) ?? []
    let count = files.count { $0.hasPrefix("h") }
    guard count > 0 else { throw .refused("there is no set ‘\(id)’: scripts/hosts up") }
    return HostSet(id: id, count: count)
  }

  /// The host with the given number, from 1.
  public func host(_ number: Int) throws(LabError) -> DebianHost {
    guard hosts.indices.contains(number - 1) else {
      throw .refused("there is no host \(number): the set has \(hosts.count)")
    }
    return hosts[number - 1]
  }

  /// The hosts that have an address at this moment.
  public func holders(of address: String) throws(LabError) -> [Int] {
    var numbers: [Int] = []
    for host in hosts where try host.has(address) { numbers.append(host.number) }
    return numbers
  }
}

/// The network.
extension HostSet {
  /// What a namespace or control group is called.
  static func label(_ id: String, _ part: String) -> String { "vh-\(id)-\(part)" }

  /// Where the files of a set lie.
  static func directory(_ id: String) -> String { "\(Laboratory.root)/vipd-hosts-\(id)" }

  /// Where the files of this set lie.
  public var directory: String { HostSet.directory(id) }

  private func buildNetwork() throws(LabError) {
    let bridge = HostSet.label(id, "sw")
    let client = HostSet.label(id, "c1")
    for namespace in [bridge, client] { try Subprocess(["ip", "netns", "add", namespace]).run() }
    try configure(
      bridge,
      [
        "link add name br0 type bridge mcast_snooping 0", "link set br0 up",
        "link add name c1 type veth peer name eth0 netns \(client)", "link set c1 master br0 up",
      ])
    try configure(
      client,
      [
        "link set lo up", "link set eth0 up", "addr add 10.77.0.201/24 dev eth0",
        "addr add fd77::201/64 dev eth0 nodad",
      ])
  }

  private func configure(_ namespace: String, _ lines: [String]) throws(LabError) {
    try Subprocess(["ip", "-n", namespace, "-batch", "-"]).run(
      input: lines.joined(separator: "\n") + "\n")
  }

  /// The words that run a program in the client's namespace.
  public func clientWords(_ words: [String]) -> [String] {
    ["ip", "netns", "exec", HostSet.label(id, "c1")] + words
  }

  /// The words that run a program with this machine's files in the network of a host.
  func words(inNetworkOf host: DebianHost, _ words: [String]) -> [String] {
    ["ip", "netns", "exec", host.label] + words
  }
}

/// Taking it down.
extension HostSet {
  /// Ends every process, and removes every namespace, mount, control group and file of this set.
  public func down() { HostSet.sweep(id: id) }

  /// The names of the sets of which something is left on this machine.
  public static func existing() -> [String] {
    let prefix = "vipd-hosts-"
    let files = (try? FileManager.default.contentsOfDirectory(atPath: Laboratory.root)) ?? []
    let labels = namespaces(prefix: "vh-") + ControlGroup.names(prefix: "vh-")
    let names =
      files.filter { $0.hasPrefix(prefix) }.map { $0.dropFirst(prefix.count) }
      + labels.compactMap { $0.split(separator: "-").dropFirst().first }
    return Set(names.map(String.init)).sorted()
  }

  /// Takes down a set of which perhaps only pieces are left.
  ///
  /// Its processes are those in its control groups and its namespaces.
  public static func sweep(id: String) {
    let groups = ControlGroup.names(prefix: label(id, "")).map { ControlGroup(name: $0) }
    let namespaces = namespaces(prefix: label(id, ""))
    // Containers first: systemd-nspawn(1) then ends by itself, and clears away what it made.
    let hosts = (1...9).map { DebianHost(number: $0, set: id) }
    for host in hosts { try? host.end() }
    let processes =
      groups.flatMap(\.processes)
      + namespaces.flatMap { namespace in
        ((try? Subprocess(["ip", "netns", "pids", namespace]).run()) ?? "").split(separator: "\n")
          .compactMap { Int32($0).map { LabProcess(number: $0) } }
      }
    for process in processes { process.send(SIGKILL) }
    for process in processes { try? process.awaitEnd() }
    for namespace in namespaces { _ = try? Subprocess(["ip", "netns", "del", namespace]).run() }
    for group in groups { group.remove() }
    // What systemd-nspawn(1) leaves of a host that was ended while it rebooted.
    for host in hosts { _ = unsafe rmdir("/run/systemd/nspawn/propagate/\(host.label)") }
    removeFiles(id: id)
  }

  /// Takes down the sets of tests that were killed: their names tell whose they were.
  public static func sweepAbandoned() {
    for id in existing() {
      guard let number = pid_t(id.dropFirst(testPrefix.count)), id.hasPrefix(testPrefix),
        !LabProcess(number: number).isRunning
      else { continue }
      sweep(id: id)
    }
  }

  /// A name that tells that this process's tests made the set.
  public static var testID: String { "\(testPrefix)\(getpid())" }

  private static let testPrefix = "test"

  private static func namespaces(prefix: String) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: "/run/netns")) ?? []
    return files.filter { $0.hasPrefix(prefix) }.sorted()
  }

  /// Unmounts what is below a set's directory, and removes it; never what is still mounted.
  private static func removeFiles(id: String) {
    // The kernel lets go of a container's mounts a moment after its last process.
    try? waitUntil("the end of all mounts", timeoutMilliseconds: 10_000, paceMilliseconds: 50) {
      for mount in mounts(below: directory(id)) { _ = try? Subprocess(["umount", mount]).run() }
      return mounts(below: directory(id)).isEmpty
    }
    guard mounts(below: directory(id)).isEmpty else { return }
    try? FileManager.default.removeItem(atPath: directory(id))
  }

  /// Where something is mounted below a directory, the innermost first; proc_pid_mounts(5).
  private static func mounts(below directory: String) -> [String] {
    let text = (try? readFile("/proc/self/mounts")) ?? ""
    return text.split(separator: "\n").compactMap { line in
      line.split(separator: " ").dropFirst().first.map(String.init)
    }.filter { $0.hasPrefix("\(directory)/") }.sorted { $0.count > $1.count }
  }
}
