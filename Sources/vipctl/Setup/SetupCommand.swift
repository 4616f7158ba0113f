import Addresses
import ArgumentParser
import Configuration
import ControlProtocol
import FoundationEssentials
import Glibc

/// A virtual address on the command line, with the length of its subnet or without.
struct AddressArgument: ExpressibleByArgument, Equatable {
  var address: IPAddress
  var length: UInt8?

  init?(argument: String) {
    guard let prefix = Prefix(argument) else { return nil }
    address = prefix.address
    length = argument.contains("/") ? prefix.length : nil
  }
}

/// A server on the command line: `HOST` or `HOST:PORT`.
struct SentinelArgument: ExpressibleByArgument, Equatable {
  var node: ServerNode

  init?(argument: String) {
    guard let node = ServerNode(argument, defaultPort: 26_379) else { return nil }
    self.node = node
  }
}

struct SetupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "setup",
    abstract: "Write the configuration by what Sentinel says, and start vipd.",
    usage: "vipctl setup MASTER VIP[/LEN] [dev IF] [options]",
    discussion: """
      Run it on each Redis host, after the package is installed. It asks the Sentinel and the Redis of \
      this host and finds the other Sentinels, the interface and the subnet. It looks for all that would \
      keep the address from working, and says what to do about each. Then it shows the file that it would \
      write. Nothing is changed without --yes.

      With --yes it writes the file, starts vipd (systemctl enable --now vipd; vipctl reload where it \
      runs) and waits until 'vipctl status' is well, or nothing is missing but what the other hosts bring; \
      else it says what is missing. A file that is there keeps its lines, and a copy of it stays beside. A \
      second run finds that nothing is to be done. It speaks no TLS.

      EXAMPLES
        vipctl setup mymaster 10.77.0.100            what it would do, and what forbids it
        vipctl setup mymaster 10.77.0.100 --yes      do it; then the same on the other hosts
        vipctl setup mymaster 10.77.0.100/24 dev eth1 --fence --yes
        vipctl setup mymaster 10.77.0.100 --sentinel 10.77.0.9   no Sentinel on this host
        vipctl setup mymaster 10.77.0.100 --user vipd --password-file /etc/vipd/redis.pass

      Exits with 0 if it was done, can be done, or is done already; 1 if something forbids it or it \
      failed; 2 for wrong usage; 3 if vipd runs and its status needs attention.
      """)

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "The name in 'sentinel monitor'.", completion: .monitored) var master: String
  @Argument(help: "The virtual address; the length of its subnet is found if left out.")
  var vip: AddressArgument
  @Argument(help: ArgumentHelp("'dev' and an interface; by default 'auto'.", valueName: "dev if"))
  var place: [String] = []
  @Option(
    name: .customLong("sentinel"),
    help: "A Sentinel to ask, HOST or HOST:PORT; repeatable (default: those of this host).")
  var sentinels: [SentinelArgument] = []
  @Flag(help: "Let Redis refuse writes that would be lost (fence min-replicas all max-lag 1).")
  var fence = false
  @Option(help: "The user of vipd in Redis and, where it asks for one, in Sentinel.")
  var user: String?
  @Option(
    name: .customLong("password-file"),
    help: "The file with the password for Redis, and for Sentinel where it asks for one.",
    completion: .file())
  var passwordFile: String?
  @Option(name: .customLong("sentinel-user"), help: "Another user for Sentinel.")
  var sentinelUser: String?
  @Option(
    name: .customLong("sentinel-password-file"), help: "Another file for Sentinel.",
    completion: .file())
  var sentinelPasswordFile: String?
  @Option(
    help: "The configuration (default: \(Configuration.defaultPath)).",
    completion: .file(extensions: ["conf"]))
  var config = Configuration.defaultPath
  @Option(help: "How long to wait for a status that is well, 1s to 10m (default: 30s).")
  var timeout: TimeSpan?
  @Flag(help: "Do it.") var yes = false

  func validate() throws {
    guard place.isEmpty || place.count == 2 && place[0] == "dev" else {
      throw ValidationError("expected 'dev' and an interface behind the address")
    }
    guard config.hasPrefix("/") else {
      throw ValidationError("--config is a whole path, from / on")
    }
    if user != nil, passwordFile == nil {
      throw ValidationError("--user needs --password-file")
    }
    if sentinelUser != nil, sentinelPasswordFile == nil {
      throw ValidationError("--sentinel-user needs --sentinel-password-file")
    }
    guard let timeout else { return }
    guard (.seconds(1)...(.seconds(600))).contains(timeout.duration) else {
      throw ValidationError("--timeout is 1s to 10m")
    }
  }

  /// What is asked for, without what a file that is there adds.
  var request: SetupRequest {
    var request = SetupRequest(
      master: master, address: vip.address, length: vip.length,
      interface: place.last.flatMap { $0 == "auto" ? nil : $0 }, path: config)
    request.wantsFence = fence
    request.redisLogin = passwordFile.map { SetupRequest.Login(user: user, file: $0) }
    request.sentinelLogin = sentinelPasswordFile.map {
      SetupRequest.Login(user: sentinelUser, file: $0)
    }
    return request
  }

  func run() throws {
    let writer = SetupWriter(path: config)
    var existing: String?
    var problem: String?
    do throws(ServerProblem) {
      existing = try writer.current()
    } catch {
      problem = error.text
    }
    let survey = SetupSurvey(
      request: SetupSurvey.complete(request, by: existing), named: sentinels.map(\.node))
    var plan = SetupPlan(survey.request, survey.facts(existing: existing, problem: problem))
    if case .text(let text, _) = plan.change {
      for warning in VipdCheck.warnings(of: text) { plan.object(warning, "") }
    }
    let style = Output.standard.style
    Output.standard.write(SetupText(style: style, plan: plan).text(isWriting: yes))
    guard plan.obstacles.isEmpty else {
      throw Failure(status: .failed, text: "nothing was changed; see '!' above")
    }
    let run = SetupRun(
      plan: plan, writer: writer, socket: connection.socket,
      limit: timeout?.duration ?? .seconds(30))
    switch (plan.isDone, yes) {
    case (true, false): Output.standard.write("\nNothing is to be done. See: vipctl status\n")
    case (true, true): try run.confirm()
    case (false, false):
      Output.standard.write("\nNothing was changed. To do it, add: --yes\n")
    case (false, true): try run.perform()
    }
  }
}
