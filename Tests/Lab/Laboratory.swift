import Foundation
import Glibc

/// Hosts with real Redis, Sentinel and agent, in network namespaces on one bridge.
///
/// The bridge has a namespace of its own and nothing is attached to the machine's, so no packet
/// leaves a lab, labs don't meet, and their addresses may repeat: hosts are 10.77.0.1 and fd77::1
/// onwards, the client is 10.77.0.201.
public final class Laboratory {
  var state: LabState
  /// Where configurations, logs and sockets are kept.
  public let directory: String

  /// What the lab consists of.
  public var plan: LabPlan { state.plan }
  /// The hosts, in order.
  public var hosts: [LabHost] { state.hosts }
  /// The directory above all labs' directories.
  public static var root: String { ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp" }

  private init(state: LabState) {
    self.state = state
    directory = Laboratory.directory(state.plan.id)
  }

  static func directory(_ id: String) -> String { "\(root)/vipd-lab-\(id)" }

  /// Builds the network and starts every server, up to a settled cluster with its VIPs in place.
  ///
  /// - Throws: ``LabError``; what was built until then is taken down again.
  public static func up(_ plan: LabPlan) throws(LabError) -> Laboratory {
    guard geteuid() == 0 else {
      throw .refused("the lab makes network namespaces, for which it must run as root")
    }
    let directory = directory(plan.id)
    guard !FileManager.default.fileExists(atPath: directory) else {
      throw .refused(
        "there is a lab ‘\(plan.id)’ already: take it down with ‘lab down --id \(plan.id)’")
    }
    let hosts = (1...plan.hosts).map { number in
      LabHost(
        number: number, namespace: "vl-\(plan.id)-h\(number)", directory: "\(directory)/h\(number)")
    }
    let lab = Laboratory(state: LabState(plan: plan, hosts: hosts))
    do {
      for host in hosts { try makeDirectory(host.directory) }
      if plan.usesHostNames { try lab.writeNameFiles() }
      try lab.save()
      try lab.buildNetwork()
      try lab.startServers()
      try lab.startAgents()
      try lab.save()
    } catch {
      if ProcessInfo.processInfo.environment["LAB_KEEP"] == nil { lab.down() }
      throw error
    }
    return lab
  }

  /// A lab that is already up, as its state file describes it.
  public static func load(id: String) throws(LabError) -> Laboratory {
    let path = "\(directory(id))/state.json"
    guard let data = FileManager.default.contents(atPath: path),
      let state = try? JSONDecoder().decode(LabState.self, from: data)
    else { throw .refused("there is no lab ‘\(id)’ (\(path) can't be read)") }
    return Laboratory(state: state)
  }

  /// Ends every process and removes every namespace of this lab, and its directory.
  public func down() {
    Laboratory.sweep(id: plan.id, known: state)
  }

  /// Takes down a lab of which perhaps only pieces are left.
  ///
  /// Processes are found by the state file and by the namespace in which they run, namespaces by
  /// their names, so this also cleans up after a crash.
  public static func sweep(id: String) {
    sweep(id: id, known: (try? load(id: id))?.state)
  }

  private static func sweep(id: String, known: LabState?) {
    var processes = (known?.hosts ?? []).flatMap { $0.processes.values }
    processes += known?.observers ?? []
    let namespaces = namespaces(prefix: "vl-\(id)-").filter { name in
      // `vl-7-` must not take `vl-7-2-h1`, a host of lab 7-2, along.
      !name.dropFirst("vl-\(id)-".count).contains("-")
    }
    for namespace in namespaces {
      let output = (try? Subprocess(["ip", "netns", "pids", namespace]).run()) ?? ""
      processes += output.split(separator: "\n").compactMap { Int32($0) }.map {
        LabProcess(number: $0)
      }
    }
    for process in processes { process.send(SIGKILL) }
    for process in processes { try? process.awaitEnd() }
    for namespace in namespaces { _ = try? Subprocess(["ip", "netns", "del", namespace]).run() }
    for disk in disks(of: id) { _ = try? Subprocess(["umount", disk]).run() }
    try? FileManager.default.removeItem(atPath: directory(id))
  }

  /// Where a lab has mounted file systems; proc_pid_mounts(5).
  private static func disks(of id: String) -> [String] {
    let mounts = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
    return mounts.split(separator: "\n").compactMap { line in
      line.split(separator: " ").dropFirst().first.map(String.init)
    }.filter { $0.hasPrefix("\(directory(id))/") }
  }

  /// The names of the labs of which something is left on this machine.
  public static func existing() -> [String] {
    let prefix = "vipd-lab-"
    let files = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    let directories = files.filter { $0.hasPrefix(prefix) }.map {
      String($0.dropFirst(prefix.count))
    }
    let named = namespaces(prefix: "vl-").compactMap { name in
      name.dropFirst("vl-".count).lastIndex(of: "-").map { String(name[..<$0].dropFirst(3)) }
    }
    return Set(directories + named).sorted()
  }

  /// The network namespaces whose names begin so; ip-netns(8).
  static func namespaces(prefix: String) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: "/run/netns")) ?? []
    return files.filter { $0.hasPrefix(prefix) }.sorted()
  }

  func save() throws(LabError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    guard let data = try? encoder.encode(state) else {
      throw .refused("the lab's state can't be encoded")
    }
    try writeFile("\(directory)/state.json", String(decoding: data, as: UTF8.self))
  }

  /// The host with the given number, from 1.
  public func host(_ number: Int) throws(LabError) -> LabHost {
    guard state.hosts.indices.contains(number - 1) else {
      throw .refused("there is no host \(number): the lab has \(state.hosts.count)")
    }
    return state.hosts[number - 1]
  }

  /// The group with the given master name, or the first one.
  public func group(_ name: String? = nil) throws(LabError) -> GroupPlan {
    guard let group = plan.groups.first(where: { name == nil || $0.name == name }) else {
      throw .refused("there is no group ‘\(name ?? "")’")
    }
    return group
  }
}

/// Makes a directory, and those above it that are missing.
public func makeDirectory(_ path: String) throws(LabError) {
  do {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  } catch {
    throw .refused("can't make the directory \(path): \(error)")
  }
}

/// Makes a file of a text, in place of what was there.
public func writeFile(_ path: String, _ text: String) throws(LabError) {
  guard FileManager.default.createFile(atPath: path, contents: Data(text.utf8)) else {
    throw .refused("can't write \(path)")
  }
}

/// The text of a file.
public func readFile(_ path: String) throws(LabError) -> String {
  guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
    throw .refused("can't read \(path)")
  }
  return text
}

/// Makes a directory somebody's who has no other rights: number 65534, `nobody`.
func giveAway(_ path: String) throws(LabError) {
  if unsafe chown(path, 65534, 65534) != 0 { throw systemCallError("chown", path) }
}
