import ArgumentParser
import Lab

/// What a lab consists of, from the command line.
struct PlanOptions: ParsableArguments {
  @Option(help: "What moves the VIP: vipd, script, hook (alone, without a daemon) or none.")
  var agent = "vipd"

  @Option(help: "The path of vipd; by default the one of the same build.")
  var vipd: String?

  @Option(help: "Sentinel's down-after-milliseconds.")
  var downAfter = 3000

  @Option(help: "How many Sentinels must agree that a master is down.")
  var quorum = 2

  @Option(help: "How many Sentinels there are, on a host each.")
  var sentinels = 3

  @Option(help: "How many hosts have Redis; the first is the first master.")
  var redis = 3

  @Option(help: "A directory with another redis-server or valkey-server.")
  var redisBin: String?

  @Option(help: "The fence, such as ‘min-replicas all max-lag 1’; by default none.")
  var fence: String?

  @Option(
    help:
      """
      What Redis allows vipd: usual, without-file, read-only-file, small-disk, renamed-config, \
      smallest-rights.
      """)
  var redisSetup = "usual"

  @Flag(help: "IPv6 between the servers, and an IPv6 VIP.")
  var ipv6 = false

  @Flag(
    help: "TLS alone between all, and nobody without a certificate and a password.")
  var secured = false

  @Flag(help: "A second group, with its first master on the second host.")
  var twoGroups = false

  @Flag(help: "Each vipd records its events, below its host's directory.")
  var record = false

  func plan(id: String) throws -> LabPlan {
    var plan = LabPlan(id: id)
    guard redis >= 1, sentinels >= 1, max(redis, sentinels) <= 99 else {
      throw ValidationError("a lab has 1 to 99 hosts")
    }
    plan.hosts = max(redis, sentinels)
    plan.sentinelHosts = Array(1...sentinels)
    plan.groups[0].members = Array(1...redis)
    plan.quorum = quorum
    plan.downAfterMilliseconds = downAfter
    plan.serverDirectory = redisBin
    plan.recordsEvents = record
    plan.fence = fence
    guard let setup = RedisSetup(rawValue: redisSetup) else {
      throw ValidationError("‘\(redisSetup)’ is no set-up of Redis")
    }
    plan.redisSetup = setup
    plan.isSecured = secured
    if twoGroups { plan.addSecondGroup() }
    if ipv6 { plan.useVersion6() }
    switch agent {
    case "vipd": plan.agent = .daemon(path: vipd ?? Laboratory.neighbour("vipd"))
    case "script": plan.agent = .script
    case "none": plan.agent = .none
    case "hook":
      plan.agent = .hook(
        path: Laboratory.neighbour("vipd-reconfig"), daemon: vipd ?? Laboratory.neighbour("vipd"))
      plan.extraConfiguration = ["daemonless yes"]
    default: throw ValidationError("‘\(agent)’ is none of vipd, script, hook, none")
    }
    return plan
  }
}

/// The command `lab up`.
struct Up: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Builds a lab and starts all servers.")
  @OptionGroup var choice: LabChoice
  @OptionGroup var options: PlanOptions

  func run() throws {
    let lab = try Laboratory.up(options.plan(id: choice.id))
    print(lab.overview())
    print("configurations and logs: \(lab.directory)")
  }
}

/// The command `lab status`.
struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows each host's servers, roles and addresses.")
  @OptionGroup var choice: LabChoice

  func run() throws { print(try choice.load().overview()) }
}

/// The command `lab down`.
struct Down: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ends every process and removes every namespace, also after a crash.")
  @OptionGroup var choice: LabChoice
  @Flag(help: "Every lab of this machine.")
  var all = false

  func run() {
    for id in all ? Laboratory.existing() : [choice.id] { Laboratory.sweep(id: id) }
  }
}

/// The command `lab list`.
struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Names every lab of which something is on this machine.")

  func run() { for id in Laboratory.existing() { print(id) } }
}
