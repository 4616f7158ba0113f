/// A failover as a person tells it: what happened, in order, counted from the fault.
public struct Timeline: Equatable, Sendable {
  /// A line of the story.
  public struct Entry: Equatable, Sendable {
    /// Milliseconds since the fault.
    public let milliseconds: Double
    /// A few words that name the moment, such as `promoted`.
    public let title: String
    /// The rest of the sentence.
    public let detail: String
  }

  /// The lines, in order of time.
  public let entries: [Entry]
  /// How long the client went without an answered write, in milliseconds.
  public let outageMilliseconds: Double?

  /// The story of one failover.
  ///
  /// - Parameters:
  ///   - recording: what was seen.
  ///   - group: the group; its first VIP is the one that matters.
  ///   - fault: when it happened.
  ///   - old: the host of the master that was lost.
  public init(of recording: Recording, group: GroupPlan, fault: Stamp, old: Int) {
    var entries = [Entry(milliseconds: 0, title: "killed", detail: "the master's Redis on h\(old)")]
    func tell(_ stamp: Stamp?, _ title: String, _ detail: String) {
      guard let stamp else { return }
      entries.append(
        Entry(milliseconds: stamp.milliseconds(since: fault), title: title, detail: detail))
    }
    func event(_ name: String) -> SentinelEvent? {
      recording.events.first { $0.name == name && $0.stamp > fault }
    }
    let failed = recording.attempts.first { $0.end > fault && $0.outcome != "ok" }
    tell(failed?.end, "client fails", "its write is answered by: \(failed?.outcome ?? "")")
    let down = event("+sdown")
    tell(down?.stamp, "SDOWN", "the Sentinel on h\(down?.host ?? 0) misses the master")
    let agreed = event("+odown")
    tell(agreed?.stamp, "ODOWN", "the Sentinel on h\(agreed?.host ?? 0) is no longer alone")
    let selected = event("+selected-slave")
    tell(selected?.stamp, "selected", "the leader on h\(selected?.host ?? 0) chose a replica")
    let promotion = recording.promotion(of: group.name, after: fault, exceptFor: old)
    tell(promotion?.stamp, "PROMOTED", "Redis on h\(promotion?.host ?? 0) is master")

    let address = group.firstAddress
    let removed = recording.addresses.first {
      $0.address == address && $0.host == old && !$0.isPresent && $0.stamp > fault
    }
    tell(removed?.stamp, "VIP released", "\(address) is off h\(old)")
    let taken = recording.addresses.first {
      $0.address == address && $0.host != old && $0.isPresent && $0.stamp > fault
    }
    tell(taken?.stamp, "VIP MOVED", "\(address) is on h\(taken?.host ?? 0)")
    let announced = recording.announcements.first {
      $0.address == address && $0.stamp > taken?.stamp ?? fault
    }
    tell(announced?.stamp, "announced", "the client's host hears \(announced?.kind ?? "")")
    let switched = event("+switch-master")
    tell(switched?.stamp, "+switch-master", "the first Sentinel tells the world")

    let answered = promotion.flatMap {
      recording.firstSuccess(at: $0.host, after: fault)
    }
    tell(answered?.end, "CLIENT SERVED", "first answered write, on h\(answered?.host ?? 0)")
    self.entries = entries.sorted { $0.milliseconds < $1.milliseconds }
    let last = recording.attempts.last { $0.outcome == "ok" && $0.end <= fault }
    outageMilliseconds =
      if let last, let answered { answered.end.milliseconds(since: last.end) } else { nil }
  }

  /// The entry with a title.
  public func entry(_ title: String) -> Entry? { entries.first { $0.title == title } }

  /// The story as lines of text.
  public var text: String {
    entries.map { entry in
      let time = String(Int(entry.milliseconds.rounded()))
      let space = String(repeating: " ", count: max(0, 7 - time.count))
      return "\(space)\(time) ms  \(entry.title.padded(15))  \(entry.detail)"
    }.joined(separator: "\n")
  }
}
