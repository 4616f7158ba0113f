import ArgumentParser
import Lab

/// `lab`: a cluster of network namespaces to break things in.
@main
struct LabCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lab",
    abstract: "Real Redis, Sentinel and vipd in network namespaces, and faults for them.",
    discussion: "All commands need root. Nothing is attached to the machine's own network.",
    subcommands: [
      Up.self, Status.self, Kill.self, PowerOff.self, Cut.self, Partition.self, Freeze.self,
      Failover.self, Heal.self, Down.self, List.self, Demo.self, Bench.self,
    ])
}

/// Which lab a command means.
struct LabChoice: ParsableArguments {
  @Option(help: "The lab's name; several may be up side by side.")
  var id = "lab"

  func load() throws -> Laboratory { try Laboratory.load(id: id) }
}

/// The part of a host that a command means.
struct PartChoice: ParsableArguments {
  @Argument(help: "The host: h1, h2, …")
  var host: HostName

  @Argument(help: "What of it: redis, sentinel or vipd.")
  var part = "redis"

  @Option(help: "The master name, where a host has the Redis of several groups.")
  var group: String?

  func part(in lab: Laboratory) throws -> Part {
    switch part {
    case "redis": .redis(try lab.group(group).name)
    case "sentinel": .sentinel
    case "vipd": .agent
    default: throw ValidationError("‘\(part)’ is none of redis, sentinel, vipd")
    }
  }
}

/// A host as people type it: `h2`.
struct HostName: ExpressibleByArgument {
  let number: Int

  init?(argument: String) {
    guard argument.hasPrefix("h"), let number = Int(argument.dropFirst()), number > 0 else {
      return nil
    }
    self.number = number
  }
}
