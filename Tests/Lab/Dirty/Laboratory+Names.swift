import Foundation
import Glibc

/// Names of hosts, and who may be an operator, by files of each host's own.
extension Laboratory {
  /// The name of a host, as `vipd.conf` spells it.
  func hostName(_ number: Int) -> String { "s\(number).lab" }

  /// The group of the operators on each host, by number.
  static let operators = 4242

  /// Writes the files by which each host knows all names from the start.
  func writeNameFiles() throws(LabError) {
    let known = hosts.map { ($0.version4Address, hostName($0.number)) }
    for host in hosts {
      // Nobody answers on that port: a question is refused at once.
      try writeFile(host.nameFile("resolv.conf"), "nameserver 10.77.0.201\n")
      try writeFile(host.nameFile("nsswitch.conf"), "hosts: files dns\ngroup: files\n")
      try writeFile(host.nameFile("group"), "root:x:0:\nvipd:x:\(Laboratory.operators):\n")
    }
    try setNames(known)
  }

  /// Replaces what every host knows by name.
  ///
  /// The file is written in place: programs see it through a mount of this very file.
  func setNames(_ names: [(address: String, name: String)]) throws(LabError) {
    let lines = [("127.0.0.1", "localhost")] + names
    let text = lines.map { "\($0.0) \($0.1)\n" }.joined()
    for host in hosts {
      let path = host.nameFile("hosts")
      let file = unsafe FileDescriptor(
        open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644))
      if file.number < 0 { throw systemCallError("open", path) }
      try file.write(Array(text.utf8), path)
    }
  }

  /// Lets the bridge drop every question to a name server, so that each waits for its time to pass.
  func silenceNameServer() throws(LabError) {
    state.isNameServerSilent = true
    try applyDrops()
    try save()
  }

  /// Runs `vipctl` as somebody who is an operator only by a second group.
  func vipctlAsMember(
    _ vipctl: String, on number: Int, _ words: [String]
  ) throws(LabError) -> (status: Int32, output: String) {
    let command = [
      "setpriv", "--reuid=65534", "--regid=65534", "--groups=\(Laboratory.operators)", vipctl,
      "--socket", try host(number).socketPath(.agent),
    ]
    do throws(LabError) {
      return (0, try Subprocess(command + words).run())
    } catch .commandFailed(_, let status, let output) {
      return (status, output)
    }
  }
}
