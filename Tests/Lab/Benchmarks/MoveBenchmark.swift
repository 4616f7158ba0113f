/// What `vipctl move` costs under a tight writer.
public struct MoveBenchmark {
  private let benchmark: Benchmark
  private let vipctl: String
  private let replicas: [Int]

  /// How many moves one lab makes: bringing it up takes longer than a move.
  private let movesOfOneLab = 8

  /// A benchmark of groups with so many replicas.
  public init(_ benchmark: Benchmark, vipctl: String, replicas: [Int]) {
    self.benchmark = benchmark
    self.vipctl = vipctl
    self.replicas = replicas
  }

  /// Runs it all and returns the table.
  public func run() -> String {
    let rows = replicas.map { replicas in
      let session = MoveSession(benchmark, replicas: replicas, moves: movesOfOneLab)
      defer { session.end() }
      let results = Results(
        measurements: benchmark.measureRuns(
          agent: "vipd", condition: "move, \(replicas) replicas"
        ) { () throws(LabError) in try once(session) })
      return ["\(replicas)", results.clean("lost"), "\(results.failures)", "\(results.disturbed)"]
        + results.cells("gap")
        + [
          rounded(results.statistics("disconnections").median),
          rounded(results.statistics("command").median), results.clean("closed-left"),
          rounded(results.statistics("rate").median),
        ]
    }
    let header = [
      "replicas", "moves without loss", "failed", "repeated", "write gap, ms, median", "p95",
      "max", "disconnections of 2, median", "vipctl, ms, median", "nothing left closed",
      "writes/s, median",
    ]
    return "vipctl move under a tight writer, down-after 3000\n\n" + table(header, rows)
  }

  private func once(_ session: MoveSession) throws(LabError) -> Benchmark.Run {
    let trial = try session.next()
    let place = try session.choose()
    let stamp = Stamp.now()
    let (status, output) = try trial.lab.vipctl(
      vipctl, on: place.node, place.words(of: trial.group, in: trial.lab))
    let ended = Stamp.now()
    var run = Benchmark.Run(note: output)
    do throws(LabError) {
      guard status == 0 else { throw .refused("vipctl ended with \(status): \(output)") }
      try session.settle(on: place.target)
      let result = try trial.check((), since: stamp)
      run.figures = session.figures(of: result, since: stamp)
      run.figures["command"] = ended.milliseconds(since: stamp)
      run.disturbance = result.recording.disturbance
    } catch {
      run.failure = "\(error)"
      run.disturbance = trial.recording(since: stamp).disturbance
      session.end()
    }
    return run
  }
}

/// A lab in which one move follows another.
final class MoveSession {
  private let benchmark: Benchmark
  private let replicas: Int
  private let moves: Int
  private var running: WriteTrial?
  private var done = 0
  private var lostBefore = 0

  init(_ benchmark: Benchmark, replicas: Int, moves: Int) {
    self.benchmark = benchmark
    self.replicas = replicas
    self.moves = moves
  }

  /// Where a move goes from and to, and who is asked for it.
  struct Place {
    var source: Int
    var target: Int
    var node: Int

    /// The words after `vipctl`.
    func words(of group: GroupPlan, in lab: Laboratory) throws(LabError) -> [String] {
      ["move", group.name, "--to", "\(try lab.host(target).version4Address):\(group.port)"]
    }
  }

  /// A trial for the next move: a fresh one when there is none or it has made its moves.
  func next() throws(LabError) -> WriteTrial {
    if done >= moves { end() }
    if let running { return running }
    let trial = try WriteTrial.begin(
      benchmark.fencedPlan(replicas: replicas), client: benchmark.client)
    running = trial
    return trial
  }

  private func current() throws(LabError) -> WriteTrial {
    guard let running else { throw .refused("the lab of this move is down") }
    return running
  }

  /// Waits for order, and chooses any other member as the target and any node to ask.
  func choose() throws(LabError) -> Place {
    let trial = try current()
    let master = try trial.lab.awaitOrder(trial.group)
    try settle(on: master)
    // The rate before the move is measured over 2 s, and the move falls anywhere in Sentinel's
    // periods.
    pause(milliseconds: 2000 + Int.random(in: 0..<1000))
    let others = trial.group.members.filter { $0 != master }
    done += 1
    return Place(
      source: master, target: others.randomElement() ?? master,
      node: trial.group.members.randomElement() ?? master)
  }

  /// Waits until a host alone holds the VIP, is armed, and has acknowledged a write.
  func settle(on number: Int) throws(LabError) {
    let trial = try current()
    try trial.lab.awaitHolder(trial.group, number: number)
    try trial.lab.awaitFence("armed", of: trial.group, on: number, timeoutMilliseconds: 30_000)
    try trial.writer.awaitSuccess(after: .now(), timeoutMilliseconds: 15_000)
  }

  /// The figures of one move; what earlier ones lost is not counted again.
  func figures<Outcome>(
    of result: WriteTrial.Result<Outcome>, since stamp: Stamp
  ) -> [String: Double] {
    var figures = result.figures(since: stamp)
    figures["lost"] = Double(result.lost.count - lostBefore)
    lostBefore = result.lost.count
    return figures
  }

  /// Takes the lab down, if there is one.
  func end() {
    running?.end()
    running = nil
    done = 0
    lostBefore = 0
  }
}
