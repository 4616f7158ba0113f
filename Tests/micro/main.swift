import Glibc

// The parts of `lab bench micro` that must be compiled like a release: each prints a line of JSON,
// or serves until it is ended.
let arguments = Array(CommandLine.arguments.dropFirst())
switch (arguments.first, arguments.count) {
case ("core", 2): CoreRate(directory: arguments[1]).run()
case ("resp", 1): ParseRate().run()
case ("servers", 2):
  guard let groups = Int(arguments[1]), let servers = StandInServers(groups: groups) else {
    fail("the servers can't listen")
  }
  servers.run()
case ("failovers", 1):
  guard let servers = StandInServers(groups: 1, play: FailoverPlay()) else {
    fail("the servers can't listen")
  }
  servers.run()
default: fail("usage: micro core DIRECTORY | resp | servers GROUPS | failovers")
}

/// Writes a line to standard output, or to another descriptor.
func say(_ text: String, to descriptor: Int32 = STDOUT_FILENO) {
  let bytes = Array((text + "\n").utf8)
  _ = unsafe write(descriptor, bytes, bytes.count)
}

/// Ends the program with a sentence.
func fail(_ text: String) -> Never {
  say("micro: \(text)", to: STDERR_FILENO)
  exit(1)
}

/// Says what a benchmark gave, as a line of JSON: rates of several rounds.
func report(_ rates: [String: [Double]]) {
  let parts = rates.sorted { $0.key < $1.key }.map { name, values in
    "\"\(name)\":[\(values.map { "\($0)" }.joined(separator: ","))]"
  }
  say("{\(parts.joined(separator: ","))}")
}

/// How often something is done in a second, in each of some rounds of a fifth of a second.
func rates(rounds: Int = 7, _ once: () -> Int) -> [Double] {
  let clock = ContinuousClock()
  _ = once()
  return (0..<rounds).map { _ in
    let start = clock.now
    var count = 0
    var elapsed = Duration.zero
    while elapsed < .milliseconds(200) {
      count += once()
      elapsed = clock.now - start
    }
    let seconds = Double(elapsed.components.attoseconds) / 1e18 + Double(elapsed.components.seconds)
    return Double(count) / seconds
  }
}
