import Addresses
import Configuration

/// What `vipctl setup` would do, and all that speaks against it; decided by what was found out alone.
struct SetupPlan: Equatable {
  /// What is asked for.
  let request: SetupRequest
  /// What was found out.
  let facts: SetupFacts
  /// What forbids it.
  private(set) var obstacles: [SetupRemark] = []
  /// What an operator should know besides.
  private(set) var remarks: [SetupRemark] = []
  /// The Sentinel whose word is taken; nothing if none can be used.
  private(set) var source: SentinelFacts?
  /// All Sentinels, in the order of the file.
  private(set) var sentinels: [ServerNode] = []
  /// The subnet in which the virtual address lies, and its interface.
  private(set) var place: InterfaceFacts?
  /// What becomes of the file; nothing where that can't be said.
  private(set) var change: FileChange?

  /// Decides.
  init(_ request: SetupRequest, _ facts: SetupFacts) {
    self.request = request
    self.facts = facts
    decideSentinels()
    decidePlace()
    checkAddress()
    for secret in facts.secrets { secret.problem.map { object($0) } }
    for redis in facts.redis { check(redis) }
    checkMembership()
    decideChange()
    checkUnit()
    // Where the file has the address already, it is where it should be.
    if ExistingFile(facts.existing ?? "").addresses(of: request.master).isEmpty { checkClaim() }
  }

  /// Notes what forbids it.
  mutating func object(_ remark: SetupRemark) {
    if !obstacles.contains(remark) { obstacles.append(remark) }
  }

  /// Notes what forbids it.
  mutating func object(_ text: String, _ remedy: String) {
    object(SetupRemark(text: text, remedy: remedy))
  }

  /// Notes what an operator should know.
  mutating func note(_ text: String, _ remedy: String = "") {
    remarks.append(SetupRemark(text: text, remedy: remedy))
  }

  // MARK: - What is to be done

  /// Whether the unit reads the file that is written.
  var isForUnit: Bool {
    facts.unit.hasSystemd && facts.unit.load == "loaded" && facts.unit.path == request.path
  }

  /// The commands that bring the file into force.
  var commands: [String] {
    guard isForUnit else { return [] }
    var commands: [String] = []
    if facts.unit.isRunning, case .text = change { commands.append("vipctl reload") }
    if !facts.unit.isRunning || !facts.unit.isEnabled {
      commands.append("systemctl enable --now vipd")
    }
    return commands
  }

  /// Whether everything is as asked for already.
  var isDone: Bool { change == .nothing && commands.isEmpty }

  /// The login for Redis: what was given counts only where Redis asks for it.
  var redisLogin: SetupRequest.Login? {
    facts.redis.contains(where: \.needsLogin) ? request.redisLogin : nil
  }

  /// The login for Sentinel.
  var sentinelLogin: SetupRequest.Login? {
    (facts.asked + facts.listed).contains(where: \.needsLogin) ? request.sentinelLogin : nil
  }

  private mutating func decideChange() {
    if let problem = facts.existingProblem {
      return object("\(request.path) can't be read: \(problem)", "run this as root")
    }
    guard let length = request.length ?? place?.prefix.length, !sentinels.isEmpty else { return }
    let file = SetupFile(
      request: request, length: length, sentinels: sentinels, redisLogin: redisLogin,
      sentinelLogin: sentinelLogin)
    let change = file.change(of: facts.existing)
    switch change {
    case .refused(let remark): object(remark)
    case .nothing: noteUnlisted()
    case .text(let text, let keepsOldLines):
      do throws(ConfigurationError) {
        _ = try Configuration(parsing: text, file: request.path)
      } catch {
        for problem in error.problems {
          object(
            "\(problem)",
            keepsOldLines ? "correct that line; vipd --check shows all that is wrong" : "")
        }
      }
    }
    self.change = change
  }

  /// Sentinels that an existing file does not have.
  private mutating func noteUnlisted() {
    let file = ExistingFile(facts.existing ?? "")
    let own = file.sentinels(of: request.master)
    let known = own.isEmpty ? file.sentinels(of: nil) : own
    let missing = sentinels.filter { !known.contains($0) }
    guard !missing.isEmpty else { return }
    note(
      "\(request.path) does not name \(list(missing)); vipd finds them by the others",
      "add a line for each, on every host, and then: vipctl reload")
  }

  private mutating func checkUnit() {
    let unit = facts.unit
    if !unit.hasSystemd {
      note("this host has no systemd: vipd is not started", "start it as this host starts daemons")
    } else if unit.path == nil || unit.path == request.path, unit.load != "loaded" {
      object(
        unit.load == "masked" ? "the unit vipd.service is masked" : "there is no unit vipd.service",
        unit.load == "masked" ? "systemctl unmask vipd" : "install the package")
    } else if !isForUnit {
      note(
        "the unit vipd.service reads \(unit.path ?? Configuration.defaultPath) and not"
          + " \(request.path), so it is left alone", "vipd --config \(request.path)")
    }
  }

  /// Sets what ``decideSentinels()`` has found.
  mutating func settle(_ source: SentinelFacts, _ sentinels: [ServerNode]) {
    self.source = source
    self.sentinels = sentinels
  }

  /// Sets what ``decidePlace()`` has found.
  mutating func settle(_ place: InterfaceFacts) {
    self.place = place
  }
}

/// Names in a sentence.
func list(_ items: [some CustomStringConvertible]) -> String {
  items.map(\.description).joined(separator: ", ")
}
