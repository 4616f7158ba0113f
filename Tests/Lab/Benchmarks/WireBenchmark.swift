/// How long a host takes from the byte that decides to the announcement on the wire.
///
/// The event is the answer of `ROLE` by which the daemon learns that its Redis was promoted, as it
/// arrives over the loopback; the end is the first gratuitous ARP as it leaves. Servers that play
/// one failover after the other see to it that this answer is what the daemon waits for. Beside it
/// stands the floor: a loop in C that only waits, adds the address and sends, at the same time on
/// the same machine, in another namespace.
struct WireBenchmark {
  /// How long one failover of `micro failovers` lasts, and a round of the floor.
  private static let failoverMilliseconds = 1_280
  private static let floorMilliseconds = 50
  private static let address = "10.77.0.100"
  /// The address that the floor uses, which nobody else has.
  private static let floorAddress = "10.77.0.222"

  let benchmark: Benchmark
  /// The program of `Tests/micro`, and those of `Tests/WireBench`.
  let parts: MicroBenchmark.Parts
  let takes: Int

  /// What was measured, in microseconds.
  struct Outcome {
    var vipd: [Double]
    var floor: [Double]
    /// Takes that waited for another fact than the answer.
    var lateTakes: Int
  }

  func run() throws(LabError) -> Outcome {
    let servers = try StandInLab([parts.micro, "failovers"])
    defer { servers.down() }
    let client = servers.lab.clientNamespace
    let directory = servers.lab.directory
    let (log, floorLog) = ("\(directory)/wire.log", "\(directory)/floor.log")
    try servers.start([parts.watch], in: servers.host.namespace, log: log)
    try servers.start([parts.watch], in: client, log: floorLog)
    _ = try servers.startDaemon(benchmark.vipd, groups: 1) { _ in ["\(Self.address)/24"] }
    let rounds = takes * Self.failoverMilliseconds / Self.floorMilliseconds
    benchmark.progress("event to wire: \(takes) takes, \(rounds) rounds of the floor")
    try Subprocess(
      servers.lab.words(in: client, [parts.floor, Self.floorAddress, "eth0", "\(rounds)"])
    ).run()
    // The watch looks 50 times a second.
    pause(milliseconds: 100)
    let vipd = WireLog(try readFile(log), address: Self.address)
    let floor = WireLog(try readFile(floorLog), address: Self.floorAddress, quiet: 0)
    guard vipd.latencies.count * 2 >= takes else {
      throw .refused("only \(vipd.latencies.count) of \(takes) takes were seen")
    }
    return Outcome(vipd: vipd.latencies, floor: floor.latencies, lateTakes: vipd.lateTakes)
  }
}
