import ControlProtocol

/// Sets a status for people who were asleep a minute ago: the answer first, then the grounds.
struct StatusText {
  var style: TextStyle

  /// The whole text, with its final line end.
  func text(_ report: StatusDocument) -> String {
    let problems = (report.problems ?? []).map { "\(style.red("!")) \($0)\n" }.joined()
    if report.groups.isEmpty { return problems + "No group is configured.\n" }
    return problems
      + report.groups.map { group in text(group).joined(separator: "\n") + "\n" }
      .joined(separator: "\n")
  }

  private func text(_ group: StatusDocument.Group) -> [String] {
    var lines = ["\(style.bold(group.master))  \(headline(group))"]
    lines += group.concerns.map { "  \(style.red("!")) \($0)" }
    lines += TextStyle.table(facts(group), indent: "  ")
    lines.append("")
    lines += sentinels(group)
    return lines
  }

  private func headline(_ group: StatusDocument.Group) -> String {
    switch group.state {
    case "holding": style.green("HOLDING: the address is on this host")
    case "blind": style.yellow("BLIND: the address is on this host, and Sentinel is not in sight")
    case "prepared": style.yellow("PREPARED: a failover selected this host; takes at the promotion")
    case "yielding": style.yellow("YIELDING: let go for the host that a failover selected")
    case "paused" where group.isHolding:
      style.yellow("PAUSED: the address is on this host and stays while the rules allow")
    case "paused": style.yellow("PAUSED") + holder(group)
    case "standby": style.green("STANDBY") + holder(group)
    default: style.yellow(group.state.uppercased()) + holder(group)
    }
  }

  private func holder(_ group: StatusDocument.Group) -> String {
    if let holder = group.holder { return ": \(holder) holds the address" }
    if group.awaitsDemotion { return ": Sentinel names \(group.named?.address ?? "another")" }
    return ": no holder is known"
  }

  /// The grounds, a name and a phrase each.
  private func facts(_ group: StatusDocument.Group) -> [[String]] {
    var rows: [[String]] = group.vips.enumerated().map { index, vip in
      let place = vip.present ? "here" : "not here"
      return [index == 0 ? "address" : "", "\(vip.address) on \(vip.interface): \(place)"]
    }
    rows.append(["why", why(group)])
    if let check = group.selfCheck, !check.isBad { rows.append(["answers", check.text]) }
    if let until = group.pausedUntil {
      rows.append(["paused", until == "resumed" ? "until resumed" : "until \(until)"])
    }
    rows.append(["redis", local(group.local)])
    if let death = group.death { rows.append(["death", death]) }
    rows.append(["master", group.named.map(named) ?? "no Sentinel in contact names one"])
    if let lease = lease(group) { rows.append(["lease", lease]) }
    rows.append(["guarantee", guarantee(group)])
    rows += (group.guaranteeLosses ?? []).map { ["", $0] }
    if let fence = group.fence { rows += self.fence(fence) }
    if let move = group.move { rows.append(["move", Self.words(move)]) }
    // Where another host holds, nothing is missing here.
    let obstacles = group.state == "standby" && group.holder != nil ? [] : group.obstacles ?? []
    rows += obstacles.enumerated().map { index, obstacle in
      [index == 0 ? "missing" : "", obstacle]
    }
    return rows
  }

  /// Why the address is here; where it is not, whom Sentinel names now, for the reason of the last
  /// change may be long out of date.
  private func why(_ group: StatusDocument.Group) -> String {
    if group.state == "standby", !group.awaitsDemotion, let named = group.named,
      named.address != group.local.address
    {
      return "Sentinel names \(named.address); last change: \(group.reason), at \(group.since)"
    }
    return "\(group.reason), since \(group.since)"
  }

  private func fence(_ fence: StatusDocument.Fence) -> [[String]] {
    var rows: [[String]] = []
    switch fence.state {
    case "off": return []
    case "armed":
      rows.append(["fence", "armed: \(needs(fence)), or Redis refuses writes"])
    case "open":
      rows.append(["fence", "open: \(needs(fence))"])
    case "closed": rows.append(["fence", "closed: Redis refuses every write"])
    default: rows.append(["fence", "\(fence.state): \(needs(fence))"])
    }
    if let doubt = fence.doubt { rows.append(["", doubt]) }
    return rows
  }

  private func needs(_ fence: StatusDocument.Fence) -> String {
    guard let count = fence.minReplicas, let lag = fence.maxLag else {
      return "the setting is not known"
    }
    if count == 0 || lag == 0 { return "no replica must acknowledge" }
    return "\(count) replica\(count == 1 ? "" : "s") must acknowledge within \(lag) s"
  }

  private static func words(_ move: StatusDocument.Move) -> String {
    let way = "from \(move.from ?? "?") to \(move.target ?? "the best replica")"
    if let failure = move.undoing { return way + ", is being undone: " + failure }
    return way + (move.phase.map { ": \($0)" } ?? ", driven from there")
  }

  private func local(_ local: StatusDocument.Instance) -> String {
    guard let address = local.address else { return "no Sentinel names one of this host" }
    return local.role.map { "\(address), a \($0)" } ?? "\(address), does not answer"
  }

  private func named(_ named: StatusDocument.Naming) -> String {
    "\(named.address), named by \(named.by) of \(named.of) Sentinels in epoch \(named.configEpoch)"
  }

  private func lease(_ group: StatusDocument.Group) -> String? {
    guard group.lease.basis != "none" else { return nil }
    let basis =
      switch group.lease.basis {
      case "sentinels": "confirmed by Sentinels"
      case "refusals": "Sentinels are gone, their hosts answer"
      case "replicas": "every replica acknowledges this master"
      case "provisional": "promoted, not yet named"
      case "follower": "the node that Sentinel names is a replica of this one"
      case "policy": "by the policy 'blind hold'"
      default: group.lease.basis
      }
    let left = group.lease.remainingMs.map { TextStyle.span(milliseconds: $0) + " left, " } ?? ""
    let kernel = group.kernelRemainingMs.map {
      "; the kernel removes the address in \(TextStyle.span(milliseconds: $0)) if vipd dies"
    }
    return left + basis + (kernel ?? "")
  }

  private func guarantee(_ group: StatusDocument.Group) -> String {
    let promise =
      switch group.guarantee {
      case "strict": "strict: never on two hosts"
      case "bounded": "bounded: on two hosts for a short time at worst"
      case "none": "none: on two hosts is possible"
      default: group.guarantee
      }
    let losses = group.toleratedSentinelLosses
    if losses == 0 { return promise + "; no Sentinel may fail" }
    return promise + "; \(losses) Sentinel\(losses == 1 ? "" : "s") may fail"
  }

  private func sentinels(_ group: StatusDocument.Group) -> [String] {
    guard !group.sentinels.isEmpty else { return [] }
    let header = ["SENTINEL", "NAMES", "EPOCH", "CONFIRMS THIS NODE"]
    let rows = group.sentinels.map { sentinel in
      guard sentinel.connected else {
        if sentinel.counts == false { return [sentinel.address, "-", "-", "gone, counts no more"] }
        return [
          sentinel.address, "-", "-",
          "out of contact" + ((sentinel.lossText ?? sentinel.loss).map { ": \($0)" } ?? ""),
        ]
      }
      return [
        sentinel.address, sentinel.names ?? "-", sentinel.configEpoch.map(String.init) ?? "-",
        words(sentinel),
      ]
    }
    var lines = TextStyle.table([header] + rows, indent: "  ")
    lines[0] = style.dim(lines[0])
    return lines
  }

  private func words(_ sentinel: StatusDocument.Sentinel) -> String {
    var words =
      sentinel.confirmsForMs.map { left in
        left > 0 ? "for \(TextStyle.span(milliseconds: left))" : "no longer"
      } ?? "no"
    let notable = ["s_down", "o_down", "failover_in_progress"]
    let flags = (sentinel.flags ?? "").split(separator: ",").filter { notable.contains(String($0)) }
    if !flags.isEmpty { words += " (" + flags.joined(separator: ", ") + ")" }
    return words
  }
}
