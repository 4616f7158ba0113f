/// What a person wants to see of a lab.
extension Laboratory {
  /// A line for each host: its processes, the roles of its Redis, its addresses.
  public func overview() -> String {
    var lines: [String] = []
    for host in hosts {
      var words = [host.name.padded(4), host.version4Address.padded(12)]
      if host.isOff {
        lines.append((words + ["off"]).joined(separator: " "))
        continue
      }
      for group in plan.groups where group.members.contains(host.number) {
        words.append("\(group.name) \(role(group, on: host).padded(8))")
      }
      for part in [Part.sentinel, .agent] where host.processes[part] != nil {
        words.append("\(part.name) \(condition(part, on: host).padded(8))")
      }
      let held = plan.groups.flatMap(\.virtualAddresses).filter { address in
        ((try? holders(of: address)) ?? []).contains(host.number)
      }
      words += held.map { "VIP \($0.split(separator: "/")[0])" }
      if state.cutPorts.contains(host.name) { words.append("(cable pulled)") }
      if state.drops.contains(where: { $0.from == host.name || $0.to == host.name }) {
        words.append("(partitioned)")
      }
      lines.append(words.joined(separator: " "))
    }
    return lines.joined(separator: "\n")
  }

  private func role(_ group: GroupPlan, on host: LabHost) -> String {
    let part = Part.redis(group.name)
    let condition = condition(part, on: host)
    guard condition == "up" else { return condition }
    let reply = try? connection(to: part, on: host.number)
      .command("ROLE", timeoutMilliseconds: 300)
    return reply?.parts.first?.text.map { $0 == "slave" ? "replica" : $0 } ?? "silent"
  }

  private func condition(_ part: Part, on host: LabHost) -> String {
    guard let process = host.processes[part] else { return "none" }
    if !process.isRunning { return "dead" }
    return state.frozen.contains(process) ? "frozen" : "up"
  }
}

extension String {
  /// The text with spaces after it up to a width.
  func padded(_ width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
