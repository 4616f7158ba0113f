import ArgumentParser
import HostKit
import Lab

/// `hosts`: a cluster of Debian hosts under systemd, by hand.
@main
struct HostsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hosts",
    abstract: "Debian hosts under systemd with Redis, Sentinel and vipd, on this one machine.",
    discussion: """
      Each host is a container of systemd-nspawn: its own systemd, journal, addresses and files. \
      ‘up’ boots h1, h2, h3, installs vipd as the README says and waits until all is well. To begin with:

        scripts/hosts up
        scripts/hosts sh h1 'vipctl status'
        scripts/hosts sh h1 'redis-cli -h 10.77.0.100 set key value'
        scripts/hosts off h1
        scripts/hosts sh h2 'journalctl -u vipd'
        scripts/hosts on h1
        scripts/hosts down

      Hosts are 10.77.0.1 and fd77::1 onwards, the VIPs 10.77.0.100 and fd77::100. All commands \
      need root. Nothing is attached to the machine's own network.
      """,
    subcommands: [
      Up.self, Shell.self, Client.self, Off.self, On.self, Cut.self, Heal.self, Down.self,
      List.self, Deaths.self,
    ])
}

/// Which set a command means.
struct SetChoice: ParsableArguments {
  @Option(help: "The set's name; several may be up side by side.")
  var id = "hosts"

  func load() throws -> HostSet { try HostSet.load(id: id) }
}

/// The host that a command means.
struct HostChoice: ParsableArguments {
  @OptionGroup var choice: SetChoice
  @Argument(help: "The host: h1, h2, …")
  var host: String

  func load() throws -> DebianHost {
    let set = try choice.load()
    guard let found = set.hosts.first(where: { $0.name == host }) else {
      let names = set.hosts.map(\.name).joined(separator: ", ")
      throw ValidationError("‘\(host)’ is none of \(names)")
    }
    return found
  }
}

/// The command `hosts up`.
struct Up: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Boots hosts and installs Redis, Sentinel and vipd on them.",
    discussion: """
      The first time, debootstrap makes a Debian below .build/hosts, which takes a minute or two. The \
      package of vipd is that of the programs in .build/release.
      """)
  @OptionGroup var choice: SetChoice
  @Option(help: "How many hosts.")
  var hosts = 3
  @Option(help: "The release of Debian: bookworm has Redis 7.0, trixie 8.0.")
  var suite = "bookworm"
  @Flag(help: "Only boot them: bare Debian with Redis and Sentinel as the packages leave them.")
  var bare = false

  func run() throws {
    let set = try HostSet.up(id: choice.id, hosts: hosts, suite: suite)
    if bare { return }
    do {
      try set.install()
    } catch {
      // They stay up, so that one can look at what went wrong.
      print("The hosts are up, but not well; ‘scripts/hosts down’ ends them.")
      throw error
    }
    print(try set.hosts[0].run("vipctl status"), terminator: "")
  }
}

/// The command `hosts sh`.
struct Shell: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sh", abstract: "Runs a command of bash on a host, or a shell.")
  @OptionGroup var target: HostChoice
  @Argument(help: "The command; by default a shell to type in.")
  var command: String?

  func run() throws { try Subprocess(target.load().words(command)).replaceThisProcess() }
}

/// The command `hosts client`.
struct Client: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs a command of bash at the client, which has this machine's files.")
  @OptionGroup var choice: SetChoice
  @Argument(help: "The command; by default a shell to type in.")
  var command: String?

  func run() throws {
    let words = ["bash"] + (command.map { ["-c", $0] } ?? [])
    try Subprocess(choice.load().clientWords(words)).replaceThisProcess()
  }
}

/// The command `hosts down`.
struct Down: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ends every process and removes all that a set has, also after a crash.")
  @OptionGroup var choice: SetChoice
  @Flag(help: "Every set of this machine.")
  var all = false

  func run() {
    for id in all ? HostSet.existing() : [choice.id] { HostSet.sweep(id: id) }
  }
}

/// The command `hosts list`.
struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Names every set of which something is on this machine.")

  func run() { for id in HostSet.existing() { print(id) } }
}
