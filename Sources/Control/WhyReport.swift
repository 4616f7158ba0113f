import Addresses
import FailoverCore
import Platform
import Wording

/// The text of `why`: what each Sentinel said, and what is missing.
struct WhyReport {
  let clock: HostClock
  /// Why Sentinels are out of contact, in their own words or the system's.
  var losses: [SentinelID: String] = [:]

  /// Writes the text of one group.
  func text(
    _ status: GroupStatus, problems: [GroupProblem] = [], at now: Instant
  ) -> String {
    var lines = [
      "\(status.masterName): \(status.state.rawValue) for \((now - status.since).shortText): "
        + status.reason.sentence
    ]
    for (address, isPresent) in status.addresses {
      lines.append("  \(address): \(isPresent ? "here" : "not here")")
    }
    lines.append("  local: \(local(status))")
    if let named = status.named {
      lines.append(
        "  named: \(named.endpoint) in epoch \(named.configEpoch), "
          + "by \(named.by) of \(named.of) Sentinels")
    }
    if status.basis != .none {
      let left = status.leaseEnds.map { ", \(($0 - now).shortText) left" } ?? ""
      lines.append("  holds on \(status.basis.phrase)\(left)")
    }
    lines += fence(status.fence)
    if let death = status.death { lines.append("  death: \(death.sentence)") }
    lines += status.sentinels.map { "  Sentinel \($0.id): \(words(of: $0, at: now))" }
    lines += problems.map { "  problem: \($0.sentence)" }
    lines += status.obstacles.map { "  missing: \($0.sentence(at: now))" }
    lines += status.guaranteeLosses.map {
      "  guarantee \(status.guarantee.rawValue): \($0.sentence)"
    }
    return lines.joined(separator: "\n")
  }

  private func fence(_ fence: FenceStatus) -> [String] {
    guard fence.state != .off else { return [] }
    let setting = fence.setting.map { ": \($0.sentence)" } ?? ""
    var lines = ["  fence: \(fence.state.rawValue)\(setting)"]
    if let problem = fence.problem { lines.append("  fence: \(problem.sentence)") }
    if !fence.missing.isEmpty {
      lines.append("  fence: missing \(fence.missing.map(\.description).joined(separator: ", "))")
    }
    return lines
  }

  private func local(_ status: GroupStatus) -> String {
    guard let instance = status.localInstance else { return "no Sentinel names an instance here" }
    guard let role = status.localRole else { return "\(instance) does not answer" }
    switch role {
    case .master: return "\(instance) is a master"
    case .replica(let master):
      return "\(instance) is a replica" + (master.map { " of \($0)" } ?? "")
    }
  }

  private func words(of sentinel: GroupStatus.SentinelStatus, at now: Instant) -> String {
    guard sentinel.isConnected else {
      let loss = losses[sentinel.id] ?? sentinel.loss?.rawValue
      return "out of contact" + (loss.map { " (\($0))" } ?? "")
    }
    guard let named = sentinel.named else { return "in contact, has not answered yet" }
    var parts = ["names \(named) in epoch \(sentinel.configEpoch ?? 0)"]
    if let flags = sentinel.flags, !flags.isDisjoint(with: [.down, .failoverInProgress]) {
      parts.append("flags \(flags.words)")
    }
    if let until = sentinel.confirmsUntil {
      parts.append(
        until > now ? "confirms this node for \((until - now).shortText)" : "no longer confirms it")
    }
    if let proven = sentinel.provenAt { parts.append("asked \((now - proven).shortText) ago") }
    return parts.joined(separator: ", ")
  }
}
