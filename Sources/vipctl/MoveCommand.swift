import ArgumentParser
import Configuration
import ControlProtocol
import Glibc
import RESP

/// Where a master is to move: a host, or a host and a port, as the daemon will read it.
struct MoveTarget: ExpressibleByArgument, Equatable {
  var text: String

  init?(argument: String) {
    let scalars = argument.unicodeScalars
    guard (1...253).contains(scalars.count), scalars.allSatisfy({ $0.value > 0x20 }),
      argument != "*"
    else { return nil }
    text = argument
  }
}

struct MoveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "move",
    abstract: "Move the master and its address to another host, and lose no write.",
    discussion: """
      Runs on any host of the group. The vipd that holds the address does the work:

        1. looks at everything: quorum, Sentinels, links, lag, the target's vipd
        2. if it must, gives the target the best replica-priority and waits until
           Sentinel has seen it (up to 15 s; writes go on)
        3. closes the fence: the master refuses writes from here on (NOREPLICAS)
        4. waits until every replica has every write
        5. SENTINEL FAILOVER, on one Sentinel
        6. the target is promoted and has the address at once: writes go on there
        7. the old master becomes its replica, and the fence is armed again

      Writes stop from 3 to 6, for some 200 ms; clients of the address are disconnected once. \
      Whatever goes wrong up to 5 is undone, and Ctrl-C undoes it, too. After that Sentinel has \
      decided, and the move goes on to its end. Where anything speaks against the move it is \
      refused, with all the reasons, and nothing has been changed.

      EXAMPLES
        vipctl move mymaster --dry-run         the plan, and what speaks against it
        vipctl move mymaster                   to the best replica
        vipctl move mymaster --to 10.77.0.2    to the instance on that host
        vipctl move mymaster --to redis2:6380  by name, with a port
        vipctl move mymaster --accept-loss     no fence: writes may be lost

      Exits with 0 if the master moved (--dry-run: if it would), 1 if it was refused or failed, \
      2 for wrong usage, 3 if it moved and the new master has not said that it has the address, 4 if \
      no daemon answers.
      """)

  /// How long a move may take unless told otherwise: Sentinel looks at priorities each 10 s.
  static let usualTimeout = Duration.seconds(60)

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "The master name.", completion: .masters) var master: String
  @Option(
    name: .customLong("to"),
    help: "The replica to move to: HOST or HOST:PORT; the best one if left out.",
    completion: .nodes)
  var target: MoveTarget?
  @Option(help: "How long it may take, 1s to 1h (default: 60s); undone if it takes longer.")
  var timeout: TimeSpan?
  @Flag(help: "Only tell the plan and what speaks against it.") var dryRun = false
  @Flag(help: "Move although no fence can keep writes from being lost.") var acceptLoss = false
  @Flag(help: "One JSON object a line.") var json = false

  func validate() throws {
    guard let timeout else { return }
    guard (.seconds(1)...(.seconds(3_600))).contains(timeout.duration) else {
      throw ValidationError("--timeout is 1s to 1h")
    }
  }

  /// The command for the daemon.
  var request: [String] {
    var words = ["MOVE", master]
    if let target { words += ["TO", target.text] }
    let milliseconds = (timeout?.duration ?? Self.usualTimeout) / .milliseconds(1)
    words += ["TIMEOUT", String(Int64(milliseconds.rounded()))]
    if dryRun { words.append("DRYRUN") }
    if acceptLoss { words.append("ACCEPTLOSS") }
    return words
  }

  func run() throws {
    var client = try connection.connect()
    do throws(Failure) {
      try follow(&client)
    } catch {
      guard error.status == .noDaemon else { throw error }
      throw Failure(
        status: .noDaemon,
        text: error.text + "\nWhat became of the move is not known here: see vipctl status and"
          + " vipctl history on any host.\nWithout a vipd to drive it, it is undone where that is"
          + " safe, or ends as a failover.")
    }
  }

  private func follow(_ client: inout ControlClient) throws(Failure) {
    // From here on Ctrl-C is a wish to undo, which the daemon carries out.
    let interruption = Interruption()
    try client.send(["HELLO", "3"])
    _ = try client.receive()
    try client.send(request)
    let text = MoveText(style: Output.standard.style, master: master)
    var interruptions = 0
    while true {
      let token = try client.receive { client throws(Failure) in
        guard interruption.hasCome() else { return }
        interruptions += 1
        // Without a connection the daemon undoes as well; it is only not told here.
        if interruptions > 1 { throw Self.leaving }
        Output.error.write("vipctl: interrupted; asks for the undo (again: leave it to vipd)\n")
        try client.send(["CANCEL"])
      }
      let isLast = token.kind != .push
      let payload = isLast ? try client.text(of: token) : EventsCommand.payload(of: token)
      guard let payload, let line = MoveDocument(payload) else { continue }
      show(line, payload, text)
      guard isLast else { continue }
      return try end(line)
    }
  }

  private static let leaving = Failure(
    status: .failed,
    text: "left; vipd undoes the move as far as that is safe. See: vipctl status")

  private func show(_ line: MoveDocument, _ payload: String, _ text: MoveText) {
    if json {
      if line.kind != .pulse { Output.standard.write(payload + "\n") }
    } else if let shown = text.text(of: line) {
      Output.standard.write(shown)
    }
  }

  private func end(_ result: MoveDocument) throws(Failure) {
    guard result.isGood else { throw Failure(status: .failed, text: json ? "" : result.text ?? "") }
    guard result.lacksArrival else { return }
    let node = result.promoted ?? "the new master"
    throw Failure(
      status: .degraded,
      text: json
        ? ""
        : "\(node) is the master and has not said that it has the address: vipctl status there says why"
    )
  }
}

/// Takes Ctrl-C (SIGINT) and SIGTERM from the system, to be asked for.
struct Interruption {
  private let signals: sigset_t

  /// From now on these signals wait until somebody asks.
  init() {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    unsafe sigaddset(&set, SIGINT)
    unsafe sigaddset(&set, SIGTERM)
    unsafe sigprocmask(SIG_BLOCK, &set, nil)
    signals = set
  }

  /// Whether one has come since the last question.
  func hasCome() -> Bool {
    var pending = sigset_t()
    unsafe sigpending(&pending)
    let hasCome = [SIGINT, SIGTERM].contains { unsafe sigismember(&pending, $0) == 1 }
    var (set, signal) = (signals, Int32(0))
    // One that waits already is taken at once.
    return unsafe hasCome && sigwait(&set, &signal) == 0
  }
}
