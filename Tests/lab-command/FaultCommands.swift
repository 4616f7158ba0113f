import ArgumentParser
import Lab

/// The command `lab kill`.
struct Kill: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Kills a server with SIGKILL.")
  @OptionGroup var choice: LabChoice
  @OptionGroup var target: PartChoice

  func run() throws {
    let lab = try choice.load()
    try lab.kill(target.part(in: lab), on: target.host.number)
  }
}

/// The command `lab freeze`.
struct Freeze: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Stops a server with SIGSTOP, or lets it go on.")
  @OptionGroup var choice: LabChoice
  @OptionGroup var target: PartChoice
  @Flag(help: "Lets it go on.")
  var thaw = false

  func run() throws {
    let lab = try choice.load()
    let part = try target.part(in: lab)
    if thaw {
      try lab.thaw(part, on: target.host.number)
    } else {
      try lab.freeze(part, on: target.host.number)
    }
  }
}

/// The command `lab poweroff`.
struct PowerOff: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "poweroff", abstract: "Takes a host off the net and ends all of it at once.")
  @OptionGroup var choice: LabChoice
  @Argument(help: "The host: h1, h2, …")
  var host: HostName

  func run() throws { try choice.load().powerOff(host.number) }
}

/// The command `lab cut`.
struct Cut: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Pulls a host's cable: its interface loses the carrier.")
  @OptionGroup var choice: LabChoice
  @Argument(help: "The host: h1, h2, …")
  var host: HostName

  func run() throws { try choice.load().cut(host.number) }
}

/// The command `lab partition`.
struct Partition: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Drops all packets between two sides, silently.",
    discussion: "A side is a list such as h1,c1; c1 is the client.")
  @OptionGroup var choice: LabChoice
  @Argument(help: "One side.")
  var one: String
  @Option(help: "The other side; by default all others.")
  var from: String?
  @Flag(help: "Drop only what the first side sends.")
  var oneWay = false

  func run() throws {
    let lab = try choice.load()
    let side = try ports(one, of: lab)
    let other = try from.map { try ports($0, of: lab) } ?? lab.ports.filter { !side.contains($0) }
    try lab.partition(side, from: other, oneWay: oneWay)
  }

  private func ports(_ list: String, of lab: Laboratory) throws -> [String] {
    try list.split(separator: ",").map { name in
      guard lab.ports.contains(String(name)) else {
        throw ValidationError("‘\(name)’ is none of \(lab.ports.joined(separator: ", "))")
      }
      return String(name)
    }
  }
}

/// The command `lab failover`.
struct Failover: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Sends SENTINEL FAILOVER to the Sentinel of a host.")
  @OptionGroup var choice: LabChoice
  @Argument(help: "The Sentinel's host.")
  var host: HostName
  @Option(help: "The master name.")
  var group: String?

  func run() throws {
    let lab = try choice.load()
    try lab.failover(lab.group(group), by: host.number)
  }
}

/// The command `lab heal`.
struct Heal: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Undoes every fault: cables, partitions, frozen and ended servers, dark hosts.")
  @OptionGroup var choice: LabChoice

  func run() throws { try choice.load().heal() }
}
