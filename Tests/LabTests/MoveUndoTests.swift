import Glibc
import Testing

@testable import Lab

extension RealServers {
  @Suite("Moves that are broken off")
  struct UndoneMoves {
    @Test func `A replica too far behind, then Ctrl-C: writes and the VIP are back`() throws {
      let result = try RealServers.withWriter({ $0.useSeedTopology() }) { trial throws(LabError) in
        let before = try trial.lab.footprint(of: trial.group)
        try trial.letReplicaFallBehind()
        let (status, output) = try trial.lab.move(trial.group, to: "10.77.0.2", on: 1)
        try require(status == 1 && output.contains("not every write arrived in time"), output)
        try trial.writer.awaitSuccess(after: .now(), timeoutMilliseconds: 2000)

        let command = try trial.startMove()
        try trial.awaitClosed()
        command.process.send(SIGINT)
        let told = try trial.awaitEnd(of: command)
        try require(told.contains("it was cancelled"), told)
        try trial.writer.awaitSuccess(after: .now(), timeoutMilliseconds: 2000)
        try trial.lab.endSlowReplication()
        return (before, try trial.lab.footprint(of: trial.group))
      }
      #expect(result.master == 1)
      #expect(result.lost.count == 0, "\(result.lost)")
      #expect(result.outcome.0 == result.outcome.1)
    }

    @Test func `The driver dies behind the closed fence: the target opens it`() throws {
      let result = try RealServers.withWriter({ $0.useSeedTopology() }) { trial throws(LabError) in
        let own = try trial.startWriter(
          "own", from: "h1", to: try trial.lab.host(1).version4Address)
        try trial.letReplicaFallBehind()
        _ = try trial.startMove()
        try trial.awaitClosed()
        try trial.lab.kill(.agent, on: 1)
        // The address went with its daemon; who writes to the node itself is served again.
        try own.awaitSuccess(after: .now(), timeoutMilliseconds: 15_000)
        let left = trial.lab.closedValues(trial.group)
        try require(left.isEmpty, "closed still: \(left)")
        try trial.lab.endSlowReplication()
        try trial.lab.start(.agent, on: 1)
        try trial.lab.awaitHolder(trial.group, number: 1)
        try trial.writer.awaitSuccess(after: .now(), timeoutMilliseconds: 5000)
      }
      #expect(result.master == 1)
      #expect(result.lost.count == 0, "\(result.losses)")
    }

    @Test func `REPLICAOF refused: the old master stays closed until Sentinel has demoted it`()
      throws
    {
      let result = try RealServers.withWriter {
        $0.useSeedTopology()
        $0.redisSetup = .smallestRights
        $0.agentRights = $0.agentRights.replacing("+replicaof ", with: "")
      } _: { trial throws(LabError) in
        try trial.lab.awaitFence("armed", of: trial.group, on: 1)
        try trial.startWriter("own", from: "h1", to: try trial.lab.host(1).version4Address)
        let stamp = Stamp.now()
        let command = try trial.startMove()
        try trial.awaitServiceElsewhere(after: stamp)
        try trial.awaitFenceProblem(on: 1, containing: "refuses REPLICAOF")
        try trial.awaitClosed()
        let told = try trial.awaitEnd(of: command)
        try require(
          told.contains("10.77.0.2:6379 is the master") && told.contains("writes lost   0"), told)
      }
      #expect(result.master == 2)
      #expect(result.lost.count == 0, "\(result.losses)")
    }

    @Test func `A disk that is full when CONFIG REWRITE is due: nothing lost, nothing closed`()
      throws
    {
      let result = try RealServers.withWriter {
        $0.useSeedTopology()
        $0.redisSetup = .smallDisk
      } _: { trial throws(LabError) in
        try trial.lab.awaitFence("armed", of: trial.group, on: 1)
        for number in trial.group.members { try trial.lab.fillDisk(on: number) }
        let stamp = Stamp.now()
        let (status, output) = try trial.lab.move(trial.group, to: "10.77.0.2", on: 1)
        try require(status == 0 && output.contains("writes lost   0"), output)
        try trial.awaitServiceElsewhere(after: stamp)
        try trial.awaitFenceProblem(on: 2, containing: "No space left on device")
      }
      #expect(result.master == 2)
      #expect(result.lost.count == 0, "\(result.losses)")
    }
  }
}

extension WriteTrial {
  /// Slows the replication down until a drain would take much longer than a move waits.
  fileprivate func letReplicaFallBehind() throws(LabError) {
    try lab.slowReplication(of: group, from: 1, to: 2, kilobytesPerSecond: 100)
    try waitUntil("the replica to fall behind", timeoutMilliseconds: 20_000) {
      () throws(LabError) in try lab.backlog(of: group, from: 1, to: 2) > 500_000
    }
  }

  /// Starts a move from the first host to the second, and doesn't wait for it.
  fileprivate func startMove() throws(LabError) -> (process: LabProcess, log: String) {
    let log = "\(lab.directory)/vipctl.log"
    let process = try lab.startVipctl(
      Laboratory.neighbour("vipctl"), on: 1, ["move", group.name, "--to", "10.77.0.2"], log: log)
    return (process, log)
  }

  /// Waits for the end of a move, and returns what was told of it.
  fileprivate func awaitEnd(
    of command: (process: LabProcess, log: String)
  ) throws(LabError) -> String {
    try waitUntil("the end of vipctl", timeoutMilliseconds: 30_000) { !command.process.isRunning }
    return try readFile(command.log)
  }

  /// Waits until the old master refuses every write.
  fileprivate func awaitClosed() throws(LabError) {
    try waitUntil("the fence to close", timeoutMilliseconds: 5000, paceMilliseconds: 1) {
      lab.setting("min-replicas-to-write", of: group, on: 1) == Laboratory.closedValue
    }
  }

  /// Waits until `vipctl status` on a host would say what is wrong.
  fileprivate func awaitFenceProblem(
    on number: Int, containing text: String
  ) throws(LabError) {
    try waitUntil("h\(number) to report: \(text)", timeoutMilliseconds: 10_000) {
      () throws(LabError) in
      try lab.status(of: group, on: number).fence?.problem?.contains(text) ?? false
    }
  }
}

/// What a trial can't go on without; its error keeps the lab's logs.
private func require(_ isTrue: Bool, _ text: String) throws(LabError) {
  if !isTrue { throw .refused(text) }
}
