import ArgumentParser
import Lab

/// The command `lab bench micro`.
struct BenchMicro: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "micro",
    abstract: "What single parts take: event to wire, hook, core, RESP, rest, many groups.",
    discussion: """
      Some four minutes in all, of which one is a look at daemons at rest. Each figure is the \
      median of several rounds.

      Event to wire is the time from the answer by which a daemon learns that its Redis was \
      promoted, as it arrives over the loopback, to the gratuitous ARP as it leaves, by the \
      kernel's stamps. Servers of the benchmark play the failovers, so that this answer is what \
      the daemon waits for. Beside it stands a loop in C that only waits, adds the address and \
      sends.

      scripts/bench compiles the parts and names them; for a look at one of them alone:

        scripts/bench micro --takes 0 --idle-seconds 0 --groups ''
      """)
  @OptionGroup var options: BenchOptions
  @Option(help: "How often an address moves for the way from event to wire; 0 for none.")
  var takes = 40
  @Option(help: "For how long daemons at rest are looked at; 0 for not at all.")
  var idleSeconds = 60
  @Option(help: "Numbers of groups in one daemon, five VIPs each; an empty list for none.")
  var groups = "1,10,50,200"
  @Option(help: .hidden)
  var micro: String
  @Option(help: .hidden)
  var watch: String
  @Option(help: .hidden)
  var floor: String
  @Option(help: .hidden)
  var hookScript: String
  @Option(help: .hidden)
  var recordings: String

  func run() throws {
    let counts = try groups.split(separator: ",").map { text in
      guard let count = Int(text), (1...200).contains(count) else {
        throw ValidationError("‘\(text)’ is no number of groups; up to 200 are possible")
      }
      return count
    }
    let parts = MicroBenchmark.Parts(
      micro: micro, watch: watch, floor: floor, hookScript: hookScript, recordings: recordings)
    let benchmark = MicroBenchmark(
      options.benchmark(), parts: parts, takes: takes, idleSeconds: idleSeconds, groups: counts)
    options.report(try benchmark.run())
  }
}
