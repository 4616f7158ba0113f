import ArgumentParser
import Foundation
import Lab

/// The command `lab bench compare`.
struct BenchCompare: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "vipd beside a script, keepalived, HAProxy, a Sentinel client and the floor.",
    discussion: """
      Each run is a fresh lab of three hosts with Redis and Sentinel. A tight writer, a writer that \
      connects ten times a second, subscribers, clients in BLPOP and a pool of idle connections \
      are at work when the fault comes, and are watched until all are back or the time is over.

      AGENTS
        vipd         the daemon, with four lines of configuration
        vipd-fence   the same with ‘fence MASTER min-replicas all max-lag 1’
        vipd-hook    no daemon: the hook alone, ‘daemonless yes’
        script       Sentinel's client-reconfig-script with ip and arping
        keepalived   VRRP, and a check of the local role each second
        haproxy      on a host of its own, with tcp-check role:master each second
        redis-py     no address: the client asks Sentinel
        floor        blindly follows the local role: what is possible at all

      FAULTS
        kill         the master's Redis dies
        poweroff     the master's host loses its power
        cut          its cable is pulled, and put back later
        freeze       its Redis stands still, and goes on later
        partition    its host is separated silently, and joined again later
        failover     somebody types SENTINEL FAILOVER
        move         somebody types vipctl move (vipd-fence only)
        return       its host loses its power, and boots later with old files

      A run takes 20 to 60 s, so everything at ten runs takes the better part of a day. For a \
      first look: --runs 1 --down-after 3000 --faults kill,poweroff

      Runs in which the machine stalled for more than 150 ms, or a Sentinel went into TILT, \
      are repeated once each and counted.

      compare.md (tables), compare.jsonl (a line a run) and timeline-….svg in --out are written \
      anew as runs end: a comparison that is broken off has shown what it had. Runs that stand in \
      --out already are counted with the new ones.
      """)

  @Option(help: "Of the agents above; all by default.")
  var agents: String?
  @Option(help: "Of the faults above; all by default.")
  var faults: String?
  @Option(help: "Sentinel's down-after-milliseconds, one or more.")
  var downAfter = "1000,3000"
  @Option(help: "How many runs of each combination.")
  var runs = 10
  @Option(help: "How many labs are up at once, 1 to 3. One gives the quietest figures.")
  var labs = 1
  @Option(help: "How many seconds after the promotion a client may come back.")
  var watch = 20
  @Option(help: "How many idle connections the pool has; 0 for none.")
  var pool = 1000
  @Option(help: "The directory for the tables, the raw lines and the pictures.")
  var out = "bench-compare"
  @Option(help: "The words that start the redis-py client; scripts/bench sets it.")
  var redisPy = "python3 Tests/Peers/redis_py_client.py"
  @Option(help: "The path of vipd; by default the one of the same build.")
  var vipd: String?
  @Option(help: "A directory with another redis-server or valkey-server.")
  var redisBin: String?

  func validate() throws {
    if !(1...3).contains(labs) { throw ValidationError("--labs takes 1, 2 or 3") }
    if try choices(agents, Contestant.self).isEmpty || choices(faults, Fault.self).isEmpty {
      throw ValidationError("an empty list leaves nothing to compare")
    }
    if runs < 1 { throw ValidationError("--runs takes a number from 1") }
    if watch < 1 { throw ValidationError("--watch takes a number of seconds from 1") }
    if !(0...9000).contains(pool) { throw ValidationError("--pool takes a number up to 9000") }
  }

  func run() throws {
    var comparison = try self.comparison()
    try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
    comparison.contestants = try choices(agents, Contestant.self)
    comparison.faults = try choices(faults, Fault.self)
    let directory = out
    let results = try comparison.run(progress: complain) { results in
      do {
        for (name, text) in ComparisonOutput(results).files {
          try text.write(toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8)
        }
      } catch {
        complain("can't write to \(directory): \(error)")
      }
    }
    print(ComparisonOutput(results).tables)
    complain("tables, raw lines and pictures: \(out)")
  }

  private func comparison() throws -> Comparison {
    let programs = ComparisonPrograms(
      vipd: vipd ?? Laboratory.neighbour("vipd"), client: Laboratory.neighbour("lab-client"),
      redisPy: redisPy.split(separator: " ").map(String.init), serverDirectory: redisBin)
    var comparison = Comparison(programs: programs, rawFile: "\(out)/compare.jsonl")
    comparison.downAfterMilliseconds = try milliseconds(downAfter)
    comparison.runs = runs
    comparison.labs = labs
    comparison.clients.pool = pool
    comparison.clients.watchMilliseconds = watch * 1000
    return comparison
  }
}

/// A list of numbers of milliseconds, from the command line.
func milliseconds(_ list: String) throws -> [Int] {
  try list.split(separator: ",").map { text in
    guard let time = Int(text), time > 0 else {
      throw ValidationError("‘\(text)’ is no number of milliseconds")
    }
    return time
  }
}
