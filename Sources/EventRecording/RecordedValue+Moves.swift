import Addresses
import FailoverCore

extension MoveRefusal: RecordedValue {}
extension MovePhase: RecordedValue {}

extension Bool: RecordedValue {
  var recorded: String { self ? "yes" : "no" }

  init?(recorded: Substring) {
    switch recorded {
    case "yes": self = true
    case "no": self = false
    default: return nil
    }
  }
}

extension MoveOffer: RecordedValue {
  var recorded: String {
    [
      from.recorded, target.recorded, "\(id)", "\(round)", through.recorded, prefers.recorded,
      armed.recorded,
    ].joined(separator: ";")
  }

  init?(recorded: Substring) {
    guard let parts = parts(of: recorded, count: 7), let from = Endpoint(recorded: parts[0]),
      let target = Endpoint(recorded: parts[1]), let id = MoveID(parts[2]),
      let round = UInt64(parts[3]), let through = String(recorded: parts[4]),
      let prefers = Bool(recorded: parts[5]), let armed = FenceSetting(recorded: parts[6])
    else { return nil }
    self.init(
      from: from, target: target, id: id, round: round, through: through, prefers: prefers,
      armed: armed)
  }
}

extension Notice {
  /// Reads a notice about a move.
  init?(recordedMove recorded: Substring) {
    if recorded.hasPrefix("move-offered;") {
      guard let offer = MoveOffer(recorded: recorded.dropFirst("move-offered;".count)) else {
        return nil
      }
      self = .moveOffered(offer)
    } else if let parts = parts(of: recorded, count: 5), parts[0] == "move-answered",
      let from = Endpoint(recorded: parts[1]), let id = MoveID(parts[2]),
      let round = UInt64(parts[3]), let refusal = MoveRefusal?(recorded: parts[4])
    {
      self = .moveAnswered(from: from, id: id, round: round, refusal: refusal)
    } else if let parts = parts(of: recorded, count: 3), let from = Endpoint(recorded: parts[1]),
      let id = MoveID(parts[2])
    {
      switch parts[0] {
      case "move-ended": self = .moveEnded(from: from, id: id)
      case "move-arrived": self = .moveArrived(from: from, id: id)
      default: return nil
      }
    } else {
      return nil
    }
  }
}

extension PriorityMemory: RecordedValue {
  var recorded: String { "\(original);\(lowered)" }

  init?(recorded: Substring) {
    guard let parts = parts(of: recorded, count: 2), let original = Int(recorded: parts[0]),
      let lowered = Int(recorded: parts[1])
    else { return nil }
    self.init(original: original, lowered: lowered)
  }
}

extension SentinelInspection: RecordedValue {
  /// `no;-`: not in TILT, and the quorum can be reached.
  var recorded: String { "\(isInTilt.recorded);\(quorumProblem.recorded)" }

  init?(recorded: Substring) {
    guard let parts = parts(of: recorded, count: 2), let isInTilt = Bool(recorded: parts[0]),
      let problem = String?(recorded: parts[1])
    else { return nil }
    self.init(isInTilt: isInTilt, quorumProblem: problem)
  }
}

extension FailoverAnswer: RecordedValue {
  var recorded: String {
    switch self {
    case .accepted: "accepted"
    case .refused(let text): "refused;\(text.recorded)"
    case .lost: "lost"
    }
  }

  init?(recorded: Substring) {
    if recorded == "accepted" {
      self = .accepted
    } else if recorded == "lost" {
      self = .lost
    } else {
      guard let parts = parts(of: recorded, count: 2), parts[0] == "refused",
        let text = String(recorded: parts[1])
      else { return nil }
      self = .refused(text)
    }
  }
}

// MARK: - Events

extension RecordingText {
  /// An event about a move as a name and its fields.
  static func textOfMove(_ event: Event) -> String {
    switch event {
    case .sentinelInspected(let id, let said, let sentAt):
      "inspected sentinel=\(id.recorded) sent=\(sentAt.recorded) is=\(said.recorded)"
    case .failoverAnswered(let id, let answer):
      "failover-answered sentinel=\(id.recorded) answer=\(answer.recorded)"
    case .localPriorityObserved(let value, let sentAt):
      "local-priority sent=\(sentAt.recorded) is=\(value.recorded)"
    case .priorityAnswered(let value, let problem):
      "priority-answered value=\(value) problem=\(problem.recorded)"
    case .moveRequested(let request):
      "move id=\(request.id) target=\(request.target.recorded)"
        + " deadline=\(request.deadline.recorded) accepts-loss=\(request.acceptsLoss.recorded)"
        + " dry-run=\(request.isDryRun.recorded)"
        + (request.acceptsAnyTarget ? " any-target=\(true.recorded)" : "")
    case .moveCancelled(let id): "move-cancelled id=\(id)"
    default: ""
    }
  }
}

extension Event {
  static func ofMove(
    _ name: Substring, _ fields: inout FieldReader
  ) throws(RecordingError.Problem) -> Event? {
    switch name {
    case "inspected":
      let id: SentinelID = try fields.take("sentinel")
      let sentAt: Instant = try fields.take("sent")
      return .sentinelInspected(id, try fields.take("is"), sentAt: sentAt)
    case "failover-answered":
      return .failoverAnswered(try fields.take("sentinel"), try fields.take("answer"))
    case "local-priority":
      let sentAt: Instant = try fields.take("sent")
      return .localPriorityObserved(try fields.take("is"), sentAt: sentAt)
    case "priority-answered":
      return .priorityAnswered(try fields.take("value"), try fields.take("problem"))
    case "move":
      return .moveRequested(
        MoveRequest(
          id: try fields.take("id"), target: try fields.take("target"),
          deadline: try fields.take("deadline"), acceptsLoss: try fields.take("accepts-loss"),
          isDryRun: try fields.take("dry-run"),
          acceptsAnyTarget: try fields.takeIfPresent("any-target") ?? false))
    case "move-cancelled": return .moveCancelled(try fields.take("id"))
    default: return nil
    }
  }
}
