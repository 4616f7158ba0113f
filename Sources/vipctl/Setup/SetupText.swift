import Addresses

/// What `vipctl setup` shows to people.
struct SetupText {
  /// Colours, or none.
  let style: TextStyle
  /// What is shown.
  let plan: SetupPlan

  /// All that was found, and what would be done; `isWriting` if it is done now.
  func text(isWriting: Bool) -> String {
    let request = plan.request
    var lines = [style.bold("\(request.master) at \(request.address)"), "", "Found"]
    lines += TextStyle.table(found(), indent: "  ")
    if plan.isDone {
      lines += remarks()
      return (lines + obstacles()).joined(separator: "\n") + "\n"
    }
    let isRefused = !plan.obstacles.isEmpty
    lines += change(isRefused ? "Would write" : isWriting ? "Writes" : "Would write")
    if !plan.commands.isEmpty {
      lines += ["", isWriting && !isRefused ? "Runs" : "Would run"]
      lines += plan.commands.map { "  \($0)" }
    }
    return (lines + rights() + remarks() + obstacles()).joined(separator: "\n") + "\n"
  }

  // MARK: - What was found

  private func found() -> [[String]] {
    var rows: [[String]] = []
    if let source = plan.source, let master = source.master {
      rows.append([
        "Sentinel",
        "\(source.asked), quorum \(master.quorum), down-after-milliseconds "
          + "\(master.downAfterMilliseconds)",
      ])
      rows.append(["Sentinels", plan.sentinels.isEmpty ? "-" : list(plan.sentinels)])
      rows.append(["master", "\(master.node)"])
      let replicas = source.replicas.sorted()
      rows.append(["replicas", replicas.isEmpty ? "none" : list(replicas)])
    } else {
      for sentinel in plan.facts.asked {
        rows.append(["Sentinel", "\(sentinel.asked): \(sentinel.problem?.text ?? "answers")"])
      }
    }
    for redis in plan.facts.redis { rows.append(["Redis here", text(of: redis)]) }
    if let place = plan.place {
      let how = plan.request.interface == nil ? " (dev auto)" : ""
      rows.append(["interface", "\(place.name)\(how), in \(place.prefix.network)"])
    }
    let unit = plan.facts.unit
    if unit.hasSystemd {
      let now = unit.isRunning ? "runs" : "does not run"
      let later = unit.isEnabled ? "starts at boot" : "does not start at boot"
      rows.append(["vipd", "\(now), \(later)"])
    }
    return rows
  }

  private func text(of redis: RedisFacts) -> String {
    var words = ["\(redis.node)"]
    if redis.problem != nil { words.append("does not answer there") }
    switch redis.role {
    case "master": words.append("a master")
    case "slave": words.append("a replica")
    default: break
    }
    if let version = redis.version { words.append("version \(version)") }
    if let bind = redis.bind { words.append("bind \(bind.joined(separator: " "))") }
    if let file = redis.file, !file.isEmpty { words.append(file) }
    return words.joined(separator: ", ")
  }

  // MARK: - What is done

  private func change(_ verb: String) -> [String] {
    switch plan.change {
    case .text(let text, let keepsOldLines):
      var lines = ["", "\(verb) \(plan.request.path)"]
      if plan.facts.existing != nil {
        lines[1] +=
          keepsOldLines
          ? ": what stands there, and new lines; the old file is kept beside"
          : ", which says nothing yet but what is so by default; it is kept beside"
      }
      let parts = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      return lines + parts.map { $0.isEmpty ? "" : "  \($0)" }
    case .nothing: return ["", "\(plan.request.path) has it already"]
    case .refused, nil: return []
    }
  }

  /// What the users of vipd in Redis and Sentinel need; nothing of the default user, whose rights are
  /// those of every client.
  private func rights() -> [String] {
    let redis = plan.redisLogin?.user.map {
      "  Redis     " + AccessRights.redis(user: $0, hasFence: plan.request.wantsFence)
    }
    let sentinel = plan.sentinelLogin?.user.map { "  Sentinel  " + AccessRights.sentinel(user: $0) }
    let lines = [redis, sentinel].compactMap(\.self)
    return lines.isEmpty ? [] : ["", "The user needs, on every host"] + lines
  }

  private func remarks() -> [String] {
    plan.remarks.flatMap { [""] + lines(of: $0, mark: style.yellow("-")) }
  }

  private func obstacles() -> [String] {
    plan.obstacles.flatMap { [""] + lines(of: $0, mark: style.red("!")) }
  }

  private func lines(of remark: SetupRemark, mark: String) -> [String] {
    var lines = ["\(mark) \(remark.text)"]
    if !remark.remedy.isEmpty {
      lines += remark.remedy.split(separator: "\n").enumerated().map { index, line in
        index == 0 ? "  to do: \(line)" : "    \(line)"
      }
    }
    return lines
  }
}
