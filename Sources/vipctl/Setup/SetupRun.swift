import Configuration
import ControlProtocol
import FoundationEssentials
import Glibc

/// Does what a plan without obstacles says, and waits for what comes of it.
struct SetupRun {
  /// What is to be done.
  let plan: SetupPlan
  /// Who writes the file.
  let writer: SetupWriter
  /// Where the daemon answers, if the command line says so.
  let socket: String?
  /// How long a good status may take.
  let limit: Duration

  /// How long the daemons of other hosts may take to tell what they hold and have read; each tells it
  /// once a second.
  static let hearsay = Duration.seconds(3)

  /// Writes, starts and waits.
  func perform() throws(Failure) {
    var backup: String?
    if case .text(let text, _) = plan.change {
      backup = try writer.write(text, insteadOf: plan.facts.existing)
      say("\nWrote \(writer.path)" + (backup.map { "; the old file: \($0)" } ?? ""))
    }
    guard plan.isForUnit else { return say("vipd was not started.") }
    if plan.facts.unit.isRunning, plan.change != .nothing { try reload(backup) }
    if !plan.facts.unit.isRunning || !plan.facts.unit.isEnabled { try start() }
    try awaitHealth()
  }

  /// Makes sure of a daemon that runs, where nothing is to be written: somebody may have changed the file
  /// and not told it.
  func confirm() throws(Failure) {
    guard plan.isForUnit else { return say("\nNothing is to be done. See: vipctl status") }
    say("\nNothing is to be done. The daemon reads its file again.")
    var client = try client(patience: ControlClient.patience)
    _ = try client.ask("RELOAD")
    try awaitHealth()
  }

  private func say(_ text: String) {
    Output.standard.write(text + "\n")
  }

  /// Where the daemon answers.
  private func client(patience: Duration) throws(Failure) -> ControlClient {
    let text = (try? writer.current()) ?? ""
    let path = (try? Configuration(parsing: text, file: writer.path))?.controlPath
    return try ControlClient(
      path: socket ?? path ?? ControlClient.defaultPath, patience: patience)
  }

  private func reload(_ backup: String?) throws(Failure) {
    do throws(Failure) {
      var client = try client(patience: ControlClient.patience)
      _ = try client.ask("RELOAD")
    } catch {
      writer.restore(backup)
      throw Failure(
        status: .failed,
        text:
          "the daemon does not take the new file, so the old one is back in place: \(error.text)")
    }
    say("The daemon has read it again.")
  }

  private func start() throws(Failure) {
    let call = ProgramCall(program: "systemctl", arguments: ["enable", "--now", "vipd.service"])
    let ending = call.run()
    guard ending?.status != 0 else { return say("vipd runs, and starts at boot.") }
    throw Failure(
      status: .failed,
      text: "vipd does not start, and \(writer.path) stays as it was written: "
        + "\(ending?.output ?? "systemctl can't be run")\nSee: journalctl -u vipd")
  }

  // MARK: - What comes of it

  /// Waits until nothing is wrong, or only what another host is to do is missing.
  private func awaitHealth() throws(Failure) {
    let clock = ContinuousClock()
    let end = clock.now + limit
    var waitsSince: ContinuousClock.Instant?
    var concerns = ["the daemon has not answered"]
    while clock.now < end {
      usleep(100_000)
      let (group, problems) = status()
      guard let group else { continue }
      concerns = problems + group.concerns
      if concerns.isEmpty { return tell(group) }
      let elsewhere = Self.concernsOfOthers(group)
      let waits = concerns.allSatisfy(elsewhere.contains)
      waitsSince = waits ? waitsSince ?? clock.now : nil
      if let since = waitsSince, clock.now - since >= Self.hearsay {
        let lines = concerns.map { "  - \($0)" }.joined(separator: "\n")
        return say("Well on this host. What is missing comes with the others:\n\(lines)\n\(next)")
      }
    }
    let text = concerns.map { "! \($0)" }.joined(separator: "\n")
    throw Failure(
      status: .degraded,
      text: "vipd runs, and after \(limit.text) this is missing (vipctl status):\n\(text)")
  }

  /// What this host can't mend: without a vipd on the master's host nobody holds the address, and hosts
  /// that are set up one after the other differ meanwhile.
  static func concernsOfOthers(_ group: StatusDocument.Group) -> [String] {
    let differences = (group.problems ?? []).filter { $0.id == "configuration-differs" }
    let holderless = group.local.role == "master" ? [] : [StatusDocument.Group.holderless]
    return holderless + differences.map(\.text)
  }

  /// Where else this is to be run.
  private var next: String {
    let own = plan.facts.redis.map(\.node)
    let nodes = [plan.source?.master?.node].compactMap { $0 } + (plan.source?.replicas ?? [])
    let others = Set(nodes.filter { !own.contains($0) }).sorted().map(\.host)
    guard !others.isEmpty else { return "" }
    return "Run the same on the others, where that is not done yet: \(list(others))."
  }

  private func tell(_ group: StatusDocument.Group) {
    let address = plan.request.address
    let place =
      group.isHolding
      ? "\(address) is on this host." : "\(address) is at \(group.holder ?? "the master")."
    say("Well: \(place)\n\(next)")
  }

  private func status() -> (group: StatusDocument.Group?, problems: [String]) {
    do throws(Failure) {
      var client = try client(patience: .seconds(1))
      let answer = Data(try client.ask("STATUS", plan.request.master).utf8)
      let report = try? JSONDecoder().decode(StatusDocument.self, from: answer)
      return (report?.groups.first, report?.problems ?? [])
    } catch {
      return (nil, [])
    }
  }
}
