import Foundation
import Glibc
public import Lab

/// A Debian host under its own systemd: a container of systemd-nspawn(1) with a network of its own.
public struct DebianHost: Equatable, Sendable {
  /// The host's number, from 1.
  public let number: Int
  /// The set that it belongs to.
  let set: String

  init(number: Int, set: String) {
    self.number = number
    self.set = set
  }

  /// The short name, such as `h1`, which its port at the bridge has too.
  public var name: String { "h\(number)" }
  /// The IPv4 address.
  public var version4Address: String { "10.77.0.\(number)" }
  /// The IPv6 address.
  public var version6Address: String { "fd77::\(number)" }

  /// What namespace and control group are called: `vh-ID-h1`.
  var label: String { HostSet.label(set, name) }
  /// The control group of all its processes.
  var controlGroup: ControlGroup { ControlGroup(name: label) }
  /// Where its own files lie, and what it says on its console.
  private var directory: String { "\(HostSet.directory(set))/\(name)" }
  /// Its root, as this machine sees it.
  var tree: String { "\(directory)/tree" }
  private var console: String { "\(directory)/console.log" }
  private var bootScript: String { "\(directory)/boot" }

  /// The process that is number 1 on the host, if the host is on.
  ///
  /// Its program is compared too: before systemd itself runs there, the machine's files are seen.
  public var initProcess: LabProcess? {
    controlGroup.processes.first { process in
      guard let status = try? readFile("/proc/\(process.number)/status"),
        status.hasPrefix("Name:\tsystemd\n"),
        let line = status.split(separator: "\n").first(where: { $0.hasPrefix("NSpid:") })
      else { return false }
      let numbers = line.split(separator: "\t").dropFirst()
      return numbers.count > 1 && numbers.last == "1"
    }
  }

  /// Whether the host is on.
  public var isOn: Bool { initProcess != nil }

  /// Whether nothing of the host runs any more; between on and gone it boots, or shuts down.
  public var isGone: Bool { controlGroup.processes.allSatisfy { !$0.isRunning } }
}

/// Its files and its power.
extension DebianHost {
  /// Lays the host's own files over a base tree.
  func makeFiles(over base: BaseTree) throws(LabError) {
    for layer in ["upper", "work", "tree"] { try makeDirectory("\(directory)/\(layer)") }
    let layers = "lowerdir=\(base.path),upperdir=\(directory)/upper,workdir=\(directory)/work"
    try Subprocess(["mount", "-t", "overlay", "overlay", "-o", layers, tree]).run()
    try writeFile("\(tree)/etc/hostname", "\(name)\n")
    try writeFile("\(tree)/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 \(name)\n")
    try writeFile(
      "\(tree)/etc/systemd/network/eth0.network",
      """
      [Match]
      Name=eth0

      [Network]
      Address=\(version4Address)/24
      Address=\(version6Address)/64
      IPv6AcceptRA=no
      LinkLocalAddressing=ipv6

      """)
    try writeFile(bootScript, bootText)
  }

  /// What boots the host, and boots it again whenever it reboots.
  ///
  /// systemd-nspawn(1) ends with 133 where the host reboots. Each boot begins with a new network namespace, since a reset leaves nothing in a kernel.
  private var bootText: String {
    let bridge = HostSet.label(set, "sw")
    let hardware = "02:00:0a:4d:00:0\(number)"
    return """
      #!/bin/sh
      PATH=$PATH:/usr/sbin:/sbin
      groups='\(controlGroup.directories.joined(separator: " "))'
      mkdir -p $groups
      for group in $groups; do echo $$ >"$group/cgroup.procs"; done
      while :; do
        find $groups -mindepth 1 -depth -type d -exec rmdir {} + 2>/dev/null
        ip -n \(bridge) link del \(name) 2>/dev/null
        ip netns del \(label) 2>/dev/null
        ip netns add \(label)
        ip -n \(bridge) link add name \(name) type veth peer name eth0 netns \(label)
        ip -n \(bridge) link set \(name) master br0 up
        ip -n \(label) link set eth0 address \(hardware)
        (
          # A group of its own below: one with groups in it should have no process besides.
          for group in $groups; do
            mkdir -p "$group/host" && echo 0 >"$group/host/cgroup.procs"
          done
          exec systemd-nspawn --quiet --boot --directory='\(tree)' --machine=\(label) \\
            --hostname=\(name) --network-namespace-path=/run/netns/\(label) \\
            --capability=CAP_NET_ADMIN,CAP_NET_RAW,CAP_SYS_RESOURCE --register=no --keep-unit --settings=no \\
            --console=pipe --link-journal=no --resolv-conf=off --timezone=off
        )
        [ $? = 133 ] || exit
      done

      """
  }

  /// Boots the host; ``awaitBoot()`` waits until it is up.
  public func powerOn() throws(LabError) {
    guard isGone else { throw .refused("\(name) is on already") }
    _ = try Subprocess(["sh", bootScript]).start(log: console)
  }

  /// Waits until the host's systemd has started all that it starts at a boot.
  public func awaitBoot() throws(LabError) {
    try awaitState("boot", timeoutMilliseconds: 60_000) {
      let state = outcome(of: "systemctl is-system-running", limitSeconds: 10).output
      return ["running\n", "degraded\n"].contains(state)
    }
  }

  /// Reboots the host as an operator does, and waits until it is up again.
  public func reboot() throws(LabError) {
    let former = try bootIdentity()
    // Whoever orders it may be ended by it before the answer.
    _ = outcome(of: "systemctl reboot")
    // systemd gives each unit 90 s to stop, and as long to what remains after them.
    try awaitState("reboot", timeoutMilliseconds: 240_000) {
      let present = outcome(of: "cat /proc/sys/kernel/random/boot_id")
      return present.status == 0 && present.output != former
    }
    try awaitBoot()
  }

  /// Waits for a state of a host that is on; the error tells what the host does instead.
  private func awaitState(
    _ name: String, timeoutMilliseconds: Int, _ condition: () -> Bool
  ) throws(LabError) {
    do throws(LabError) {
      let what = "\(self.name) to \(name)"
      try waitUntil(what, timeoutMilliseconds: timeoutMilliseconds, paceMilliseconds: 50) {
        isOn && condition()
      }
    } catch .timedOut(let what) {
      let end = ((try? readFile(console)) ?? "").split(separator: "\n").suffix(10)
      let programs = controlGroup.processes.map { process in
        (try? readFile("/proc/\(process.number)/comm"))?.dropLast() ?? "?"
      }
      throw .timedOut(
        waitingFor: "\(what); its processes are \(programs), its console ends with:\n"
          + end.joined(separator: "\n"))
    }
  }

  /// Takes the power from the host.
  ///
  /// Its cable goes silent first, so that nobody gets a FIN or a RST. Its namespace goes as well: a host without power has no kernel that could hold addresses.
  public func powerOff() throws(LabError) {
    try cut()
    try end()
    try Subprocess(["ip", "netns", "del", label]).run()
  }

  /// Ends all processes of the host.
  ///
  /// systemd-nspawn(1) ends by itself when the host's systemd is gone.
  func end() throws(LabError) {
    initProcess?.send(SIGKILL)
    try awaitEnd()
  }

  /// Waits until no process of the host is left; what does not end by itself is ended.
  private func awaitEnd() throws(LabError) {
    do throws(LabError) {
      try waitUntil("\(name) to end", timeoutMilliseconds: 5000) {
        isGone
      }
    } catch {
      for process in controlGroup.processes { try process.end() }
    }
  }

  /// The identity of the present boot, which each boot draws anew; random(4).
  private func bootIdentity() throws(LabError) -> String {
    try run("cat /proc/sys/kernel/random/boot_id")
  }

  /// Pulls the host's cable: its interface loses its carrier.
  public func cut() throws(LabError) { try setPort("down") }

  /// Cuts the host off behind its switch port: its interface keeps its carrier.
  public func silence() throws(LabError) { try setPort("nomaster") }

  /// Puts the cable back.
  public func heal() throws(LabError) { try setPort("up", "master", "br0") }

  private func setPort(_ state: String...) throws(LabError) {
    try Subprocess(["ip", "-n", HostSet.label(set, "sw"), "link", "set", name] + state).run()
  }

  /// Whether the kernel of the host has an address.
  public func has(_ address: String) throws(LabError) -> Bool {
    guard isOn else { return false }
    let output = try Subprocess(["ip", "-n", label, "-o", "addr", "show"]).run()
    let words = output.split(whereSeparator: { $0 == " " || $0 == "\n" })
    return words.contains { $0.split(separator: "/").first.map(String.init) == address }
  }
}

/// Commands on the host.
extension DebianHost {
  /// The words that run a command of bash(1) as root in all namespaces of the host.
  public func words(_ command: String?) throws(LabError) -> [String] {
    guard let process = initProcess else { throw .refused("\(name) is off") }
    return [
      "nsenter", "--target", "\(process.number)", "--mount", "--uts", "--ipc", "--net", "--pid",
      "--cgroup", "env", "--ignore-environment", "--chdir=/", "TERM=\(Self.terminal)",
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
      "LC_ALL=C.UTF-8", "bash",
    ] + (command.map { ["-c", $0] } ?? [])
  }

  private static var terminal: String { ProcessInfo.processInfo.environment["TERM"] ?? "dumb" }

  /// Runs a command to its end and returns what it wrote.
  ///
  /// - Throws: ``LabError/commandFailed(command:status:output:)`` if it doesn't end with 0.
  @discardableResult
  public func run(_ command: String, limitSeconds: Int = 60) throws(LabError) -> String {
    do throws(LabError) {
      let limit = ["timeout", "--kill-after=5", "\(limitSeconds)"]
      return try Subprocess(limit + words(command)).run()
    } catch .commandFailed(_, let status, let output) {
      throw .commandFailed(command: "\(name): \(command)", status: status, output: output)
    }
  }

  /// Runs a command to its end; a failure is a result as well, with 255 where the host is off.
  public func outcome(of command: String, limitSeconds: Int = 60) -> (status: Int32, output: String)
  {
    do throws(LabError) {
      return (0, try run(command, limitSeconds: limitSeconds))
    } catch .commandFailed(_, let status, let output) {
      return (status, output)
    } catch {
      return (255, "\(error)")
    }
  }

  /// Writes a file of the host.
  public func write(_ path: String, _ text: String) throws(LabError) {
    try writeFile("\(tree)\(path)", text)
  }

  /// The text of a file of the host.
  public func read(_ path: String) throws(LabError) -> String { try readFile("\(tree)\(path)") }
}
