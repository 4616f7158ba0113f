import Addresses
import ChannelMessages
import Control
import ControlProtocol
import FailoverCore
import Store
import Wording

/// The planned moves of one group that somebody waits for at this daemon.
///
/// The holder's daemon drives a move; any other that is asked for one passes the wish on over the
/// channel. A wish is repeated until its result has arrived, with the number of lines that were
/// heard, and the driver sends again what is missing: so nothing is lost when connections break
/// in the middle of the move, as they must.
struct PendingMoves {
  /// Moves that are waited for, and moves that are remembered, at most.
  static let limit = 16
  /// Lines of a move that are kept; more are not told.
  static let lineLimit = 200
  /// How often a wish is repeated.
  static let repeatAfter = Duration.milliseconds(500)
  /// How long the driver's daemon has for its first word.
  static let firstAnswerLimit = Duration.seconds(2)
  /// How long a driver may be silent once it has answered: its daemon, or its host, is gone.
  static let silenceLimit = Duration.seconds(5)
  /// How often the asker is told that the move goes on.
  static let pulsePeriod = Duration.seconds(1)
  /// How long the lines of a move that has ended are kept for an asker that missed some.
  static let memory = Duration.seconds(30)

  /// What is to be done, in this order.
  enum Action: Equatable {
    /// Say something on the channel, and to one node directly.
    case send(ChannelMessage.Body, also: Endpoint?)
    /// Tell the machine that a move is wanted.
    case begin(MoveRequest)
    /// Tell the machine that a move is cancelled.
    case cancel(UInt64)
    /// Show a line to who asked at this daemon.
    case show(UInt64, MoveLine)
    /// Keep how a move ended in the history.
    case remember(HistoryEntry)
  }

  /// A move that was asked for here and is driven elsewhere.
  private struct Errand {
    var wish: ForwardedMove
    var node: Endpoint
    var askedAt: Instant
    var sentAt: Instant
    var heardAt: Instant?
    var shownAt: Instant
  }

  /// A move that is driven here.
  private struct Drive {
    var lines: [MoveLine] = []
    /// The daemon that passed it on, and its Redis; nil if it was asked for here.
    var asker: (sender: UInt64, node: Endpoint?)?
    var isCancelled = false
    var formatter: MoveReportFormatter
    var shownAt: Instant
    var hasEnded: Bool { lines.last?.isLast == true }
  }

  /// The sessions of the group's addresses that this host has ended, ever.
  private var sessionsEnded = 0
  private var errands: [UInt64: Errand] = [:]
  private var drives: [UInt64: Drive] = [:]

  /// Whether another move can be waited for.
  var hasRoom: Bool { errands.count + drives.values.filter { !$0.hasEnded }.count < Self.limit }

  /// Takes in that this host has ended more sessions of the addresses.
  mutating func ended(sessions count: Int) { sessionsEnded += count }

  // MARK: - Where it was asked for

  /// Takes in a wish of an operator at this daemon; without a driver elsewhere it is driven here.
  mutating func ask(
    _ wish: ForwardedMove, of driver: PeerTable.Peer?, at now: Instant
  ) -> [Action] {
    guard let (sender, node) = driver else { return begin(request(wish, at: now), at: now) }
    var wish = wish
    wish.driver = sender
    errands[wish.id] = Errand(wish: wish, node: node, askedAt: now, sentAt: now, shownAt: now)
    let note = MoveLine(.note, "asks the vipd at \(node), which holds the address")
    return [.show(wish.id, note), .send(.move(wish), also: node)]
  }

  /// Begins a move that is driven here, and was asked for here or by nobody.
  mutating func begin(_ request: MoveRequest, at now: Instant) -> [Action] {
    makeRoom()
    drives[request.id] = newDrive(at: now)
    return [.begin(request)]
  }

  /// Takes in that the operator calls a move off, or went away.
  mutating func cancel(_ id: UInt64, at now: Instant) -> [Action] {
    if let drive = drives[id], !drive.hasEnded { return cancelDrive(id) }
    guard var errand = errands[id], !errand.wish.isCancelled else { return [] }
    errand.wish.isCancelled = true
    errand.sentAt = now
    errands[id] = errand
    return [.send(.move(errand.wish), also: errand.node)]
  }

  /// Takes in a line from the driver.
  mutating func heard(_ line: ForwardedLine, from sender: UInt64, at now: Instant) -> [Action] {
    guard var errand = errands[line.id], errand.wish.driver == sender else { return [] }
    errand.heardAt = now
    defer { errands[line.id] = line.isLast && errand.wish.heard == line.number ? nil : errand }
    // What came before its turn is asked for again.
    guard line.number == errand.wish.heard + 1 else { return [] }
    errand.wish.heard = line.number
    errand.shownAt = now
    return [.show(line.id, MoveLine(json: line.text, isLast: line.isLast))]
  }

  /// Calls off what other daemons drive for this one, which ends.
  mutating func end(at now: Instant) -> [Action] {
    errands.keys.sorted().flatMap { id -> [Action] in
      let actions = cancel(id, at: now)
      guard let errand = errands.removeValue(forKey: id) else { return actions }
      let text =
        "cancelled, since this vipd stops or took over another configuration; vipctl history on "
        + "\(errand.node.address) tells how it ended"
      return actions + [.show(id, .failure(text))]
    }
  }

  // MARK: - Where it is driven

  /// Takes in a wish that another daemon passes on to this one.
  mutating func heard(_ wish: ForwardedMove, from sender: UInt64, at now: Instant) -> [Action] {
    guard let drive = drives[wish.id] else {
      makeRoom()
      guard drives.count < Self.limit else { return [] }
      drives[wish.id] = newDrive(asker: (sender, wish.from), at: now)
      guard wish.isCancelled else { return [.begin(request(wish, at: now))] }
      // The wish itself may still be under way, and must not begin a move after this.
      return add([.failure("cancelled before it began")], to: wish.id, at: now)
    }
    guard drive.asker?.sender == sender else { return [] }
    let actions = wish.isCancelled && !drive.hasEnded ? cancelDrive(wish.id) : []
    return actions + missing(wish.id, after: wish.heard)
  }

  /// Takes in what the machine reports of a move.
  ///
  /// `wallNanoseconds` is the time on the wall clock, for the history.
  mutating func reported(
    _ report: MoveReport, at now: Instant, wallNanoseconds: Int64
  ) -> [Action] {
    guard var formatter = drives[report.id]?.formatter else { return [] }
    let lines = formatter.lines(for: report, sessionsEnded: sessionsEnded)
    drives[report.id]?.formatter = formatter
    let actions = add(lines, to: report.id, at: now)
    guard case .ended(let end) = report.news else { return actions }
    let entry = formatter.entry(
      of: end, elapsed: report.elapsed, sessionsEnded: sessionsEnded,
      wallNanoseconds: wallNanoseconds)
    return actions + (entry.map { [.remember($0)] } ?? [])
  }

  private mutating func add(_ lines: [MoveLine], to id: UInt64, at now: Instant) -> [Action] {
    guard var drive = drives[id], !drive.hasEnded else { return [] }
    var actions: [Action] = []
    for line in lines where line.isLast || drive.lines.count < Self.lineLimit {
      drive.lines.append(line)
      let number = drive.lines.count
      actions.append(passOn(line, number, id, drive))
    }
    drive.shownAt = now
    drives[id] = drive
    return actions
  }

  /// Does what is due.
  mutating func tick(at now: Instant) -> [Action] {
    var actions: [Action] = []
    for id in errands.keys.sorted() { actions += tickErrand(id, at: now) }
    for id in drives.keys.sorted() {
      guard let drive = drives[id] else { continue }
      if drive.hasEnded {
        if now - drive.shownAt > Self.memory { drives[id] = nil }
      } else if drive.asker == nil, now - drive.shownAt >= Self.pulsePeriod {
        drives[id]?.shownAt = now
        actions.append(.show(id, .pulse))
      }
    }
    return actions
  }

  // MARK: - Parts

  private func request(_ wish: ForwardedMove, at now: Instant) -> MoveRequest {
    MoveRequest(
      id: wish.id, target: wish.target, deadline: now + wish.timeout,
      acceptsLoss: wish.acceptsLoss, isDryRun: wish.isDryRun)
  }

  private func newDrive(asker: (sender: UInt64, node: Endpoint?)? = nil, at now: Instant) -> Drive {
    Drive(
      asker: asker, formatter: MoveReportFormatter(sessionsBefore: sessionsEnded), shownAt: now)
  }

  private mutating func cancelDrive(_ id: UInt64) -> [Action] {
    guard drives[id]?.isCancelled == false else { return [] }
    drives[id]?.isCancelled = true
    return [.cancel(id)]
  }

  private func passOn(_ line: MoveLine, _ number: Int, _ id: UInt64, _ drive: Drive) -> Action {
    guard let asker = drive.asker else { return .show(id, line) }
    let forwarded = ForwardedLine(
      id: id, asker: asker.sender, number: number, isLast: line.isLast, text: line.json)
    return .send(.moveLine(forwarded), also: asker.node)
  }

  /// What an asker has not heard yet, or a word that the driver is at it.
  private func missing(_ id: UInt64, after heard: Int) -> [Action] {
    guard let drive = drives[id] else { return [] }
    let rest = drive.lines.enumerated().dropFirst(heard)
    guard !rest.isEmpty else { return [passOn(.pulse, 0, id, drive)] }
    return rest.prefix(Self.limit).map { passOn($1, $0 + 1, id, drive) }
  }

  private mutating func makeRoom() {
    guard drives.count >= Self.limit else { return }
    let oldest = drives.filter(\.value.hasEnded).min { $0.value.shownAt < $1.value.shownAt }
    if let oldest { drives[oldest.key] = nil }
  }

  private mutating func tickErrand(_ id: UInt64, at now: Instant) -> [Action] {
    guard var errand = errands[id] else { return [] }
    if let end = silence(of: errand, at: now) {
      errands[id] = nil
      errand.wish.isCancelled = true
      // It may have heard the wish although its answers do not arrive.
      return [.send(.move(errand.wish), also: errand.node), .show(id, end)]
    }
    var actions: [Action] = []
    if now - errand.sentAt >= Self.repeatAfter {
      errand.sentAt = now
      actions.append(.send(.move(errand.wish), also: errand.node))
    }
    if now - errand.shownAt >= Self.pulsePeriod {
      errand.shownAt = now
      actions.append(.show(id, .pulse))
    }
    errands[id] = errand
    return actions
  }

  private func silence(of errand: Errand, at now: Instant) -> MoveLine? {
    guard let heardAt = errand.heardAt else {
      guard now - errand.askedAt >= Self.firstAnswerLimit else { return nil }
      return .failure(
        "the vipd at \(errand.node), which holds the address, does not answer within "
          + "\(Self.firstAnswerLimit.shortText): is it of this version, and is the key of the "
          + "channel the same? Nothing was changed; try vipctl move on that host")
    }
    guard now - heardAt >= Self.silenceLimit else { return nil }
    return .failure(
      "the vipd at \(errand.node), which drives the move, fell silent for "
        + "\(Self.silenceLimit.shortText); what became of the move is not known here",
      remains: [
        "see vipctl status on \(errand.node.address) and on the target; if the driver died, the "
          + "target's vipd gives the old master its writes back within seconds"
      ])
  }
}
