/// What became of the writes of many worlds.
struct WriteSummary: Sendable {
  /// The kinds of fences that are counted apart.
  enum Group: Int, CaseIterable {
    case off, all, partial

    static func of(_ world: WorldConfiguration) -> Group {
      guard let fence = world.fence else { return .off }
      return fence.asksForAll ? .all : .partial
    }

    var title: String {
      switch self {
      case .off: "fence off"
      case .all: "n = all"
      case .partial: "n = 1, half-fence"
      }
    }
  }

  var worlds = 0
  var watched: Int64 = 0
  var own = [Int64](repeating: 0, count: FenceLabel.allCases.count)
  var virtual = [Int64](repeating: 0, count: FenceLabel.allCases.count)
  var lostByKind = [Summary.Count](
    repeating: Summary.Count(), count: LostWrites.Kind.allCases.count)
  var lostByFence = [Summary.Count](repeating: Summary.Count(), count: FenceLabel.allCases.count)
  var lostByFault = [Summary.Count](repeating: Summary.Count(), count: FaultKind.allCases.count)
  /// In clean worlds with everything acknowledged by all, by cause, kind and fence.
  var mechanisms: [(name: String, count: Summary.Count)] = []
  var lostVirtual = Summary.Count()
  var singles = [Single](repeating: Single(), count: FaultKind.allCases.count)
  var unwritable: Int64 = 0
  var refused: Int64 = 0
  var maxRefusal: Int64 = 0
  var refusalSeed: UInt64?
  var firstWrites: [Int64] = []
  var moves = [Int](repeating: 0, count: MoveCount.allCases.count)
  var moveGaps: [Int64] = []

  /// What one kind of fault alone cost in clean worlds.
  struct Single {
    var worlds = 0
    var losing = 0
    var lost: [Int64] = []
    var afterFlip: Int64 = 0
    var example: UInt64?
  }

  mutating func add(_ outcome: Outcome, of world: WorldConfiguration) {
    let writes = outcome.writes
    worlds += 1
    watched += outcome.watched
    for index in own.indices {
      own[index] += writes.own[index]
      virtual[index] += writes.virtual[index]
    }
    for lost in writes.lost {
      for (index, kind) in LostWrites.Kind.allCases.enumerated() where kind == lost.kind {
        lostByKind[index].add(lost.duration, seed: world.seed)
      }
      lostByFence[lost.fence.rawValue].add(lost.duration, seed: world.seed)
      if let fault = lost.fault, let index = FaultKind.allCases.firstIndex(of: fault) {
        lostByFault[index].add(lost.duration, seed: world.seed)
      }
      if world.isClean {
        var count = Summary.Count()
        count.add(lost.duration, seed: world.seed)
        addMechanism("\(lost.cause.rawValue) | \(lost.kind.rawValue) | \(lost.fence.name)", count)
      }
      if lost.isVirtual { lostVirtual.add(lost.duration, seed: world.seed) }
    }
    addSingle(writes, outcome, world)
    unwritable += writes.unwritable
    refused += writes.refused
    if writes.maxRefusal > maxRefusal {
      maxRefusal = writes.maxRefusal
      refusalSeed = world.seed
    }
    firstWrites += writes.firstWrites
    if let move = outcome.move { moves[move.rawValue] += 1 }
    if let gap = outcome.moveGap { moveGaps.append(gap) }
  }

  private mutating func addSingle(
    _ writes: WriteOutcome, _ outcome: Outcome, _ world: WorldConfiguration
  ) {
    guard world.isClean, world.faults.count == 1, outcome.hasConverged,
      let index = FaultKind.allCases.firstIndex(of: world.faults[0].kind)
    else { return }
    singles[index].worlds += 1
    let total = writes.lost.reduce(0) { $0 + $1.duration }
    guard total > 0 else { return }
    singles[index].losing += 1
    if total >= singles[index].lost.max() ?? 0 { singles[index].example = world.seed }
    singles[index].lost.append(total)
    singles[index].afterFlip += writes.lost.filter { $0.kind != .inFlight }
      .reduce(0) { $0 + $1.duration }
  }

  private mutating func addMechanism(_ name: String, _ count: Summary.Count) {
    if let index = mechanisms.firstIndex(where: { $0.name == name }) {
      mechanisms[index].count.add(count)
    } else {
      mechanisms.append((name, count))
    }
  }

  mutating func add(_ other: WriteSummary) {
    for entry in other.mechanisms { addMechanism(entry.name, entry.count) }
    worlds += other.worlds
    watched += other.watched
    for index in own.indices {
      own[index] += other.own[index]
      virtual[index] += other.virtual[index]
      lostByFence[index].add(other.lostByFence[index])
    }
    for index in lostByKind.indices { lostByKind[index].add(other.lostByKind[index]) }
    for index in lostByFault.indices { lostByFault[index].add(other.lostByFault[index]) }
    lostVirtual.add(other.lostVirtual)
    for index in singles.indices { singles[index].add(other.singles[index]) }
    unwritable += other.unwritable
    refused += other.refused
    if other.maxRefusal > maxRefusal {
      maxRefusal = other.maxRefusal
      refusalSeed = other.refusalSeed
    }
    firstWrites += other.firstWrites
    for index in moves.indices { moves[index] += other.moves[index] }
    moveGaps += other.moveGaps
  }
}

extension WriteSummary.Single {
  mutating func add(_ other: WriteSummary.Single) {
    worlds += other.worlds
    losing += other.losing
    if (other.lost.max() ?? 0) > (lost.max() ?? 0) { example = other.example }
    lost += other.lost
    afterFlip += other.afterFlip
  }

  /// Worlds with a loss, of how many; median and greatest loss in milliseconds; the part of it
  /// after a flip.
  var text: String {
    guard worlds > 0 else { return "-" }
    guard !lost.isEmpty else { return "0 of \(worlds)" }
    let sorted = lost.sorted()
    return "\(losing) of \(worlds): \(tenths(sorted[sorted.count / 2]))/\(tenths(sorted.last ?? 0))"
      + " ms, after a flip \(tenths(afterFlip)), seed \(example.map(String.init) ?? "-")"
  }

  private func tenths(_ duration: Int64) -> String {
    let tenths = duration / (millisecond / 10)
    return "\(tenths / 10).\(tenths % 10)"
  }
}

extension Summary {
  /// The tables of writes, as Markdown.
  func writeTables() -> String {
    lossTable() + "\n" + mechanismList() + "\n" + singleLossTable()
  }

  /// How writes are lost in clean worlds where every replica must acknowledge.
  private func mechanismList() -> String {
    let group = writes[WriteSummary.Group.all.rawValue]
    let rows = group.mechanisms.sorted { ($1.count.total, $0.name) < ($0.count.total, $1.name) }
    return rows.map { "lost, \($0.name): \(group.text($0.count, of: group.own))\n" }.joined()
  }

  private func lossTable() -> String {
    var text = "| writes; lost in ppm (mean/greatest) | \(titles) |\n|---|---|---|---|\n"
    func row(_ title: String, _ cell: (WriteSummary) -> String) {
      text += "| \(title) | \(writes.map(cell).joined(separator: " | ")) |\n"
    }
    row("worlds") { String($0.worlds) }
    row("writing acknowledged, own address / VIP, s") {
      "\($0.own.reduce(0, +) / second) / \($0.virtual.reduce(0, +) / second)"
    }
    row("lost through the VIP") { $0.text($0.lostVirtual, of: $0.virtual) }
    for (index, kind) in LostWrites.Kind.allCases.enumerated() {
      row("lost: \(kind.rawValue)") { $0.text($0.lostByKind[index], of: $0.own) }
    }
    for label in FenceLabel.allCases {
      row("lost while \(label.name)") { $0.text($0.lostByFence[label.rawValue], of: $0.own) }
    }
    for (index, kind) in FaultKind.allCases.enumerated()
    where writes.contains(where: { $0.lostByFault[index].count > 0 }) {
      row("lost after \(kind.rawValue)") { $0.text($0.lostByFault[index], of: $0.own) }
    }
    row("unwritable, of it refused by the holder, ppm") {
      "\($0.ppm($0.unwritable)) / \($0.ppm($0.refused))"
    }
    row("longest refusal of a confirmed holder, ms (seed)") {
      "\($0.maxRefusal / millisecond) (\($0.refusalSeed.map(String.init) ?? "-"))"
    }
    row("flip to first write p50/90/95/99, ms") { $0.text(percentilesOf: $0.firstWrites) }
    for count in MoveCount.allCases {
      row("moves \(count.name)") { String($0.moves[count.rawValue]) }
    }
    row("write gap of a move p50/90/95/99, ms") { $0.text(percentilesOf: $0.moveGaps) }
    return text
  }

  private var titles: String {
    WriteSummary.Group.allCases.map(\.title).joined(separator: " | ")
  }

  private func singleLossTable() -> String {
    var text =
      "| losing worlds, one fault, clean: median/greatest | \(titles) |\n|---|---|---|---|\n"
    for (index, kind) in FaultKind.allCases.enumerated()
    where writes.contains(where: { $0.singles[index].losing > 0 }) {
      let cells = writes.map { $0.singles[index].text }.joined(separator: " | ")
      text += "| \(kind.rawValue) | \(cells) |\n"
    }
    return text
  }
}

extension WriteSummary {
  /// Lost in millionths of what was acknowledged, mean and greatest length, and a seed.
  func text(_ count: Summary.Count, of acknowledged: [Int64]) -> String {
    guard count.count > 0 else { return "0" }
    let perMillion = count.total * 1_000 / max(acknowledged.reduce(0, +) / 1_000, 1)
    return "\(perMillion) (n=\(count.count), \(count.total / Int64(count.count) / millisecond)"
      + "/\(count.greatest / millisecond) ms, seed \(count.example.map(String.init) ?? "-"))"
  }

  func ppm(_ duration: Int64) -> Int64 {
    duration / 1_000 * 1_000_000 / max(watched / 1_000, 1)
  }

  func text(percentilesOf times: [Int64]) -> String {
    guard !times.isEmpty else { return "-" }
    let sorted = times.sorted()
    return [50, 90, 95, 99].map { percent in
      let tenths = sorted[min(sorted.count - 1, sorted.count * percent / 100)] / (millisecond / 10)
      return "\(tenths / 10).\(tenths % 10)"
    }.joined(separator: "/")
  }
}
