import Addresses

/// Whom to ask, and who all the Sentinels are.
extension SetupPlan {
  /// Chooses the Sentinel whose word is taken, and gathers all of them.
  mutating func decideSentinels() {
    guard let source = chosen() else { return }
    if let doubt = disagreement(with: source) {
      object(doubt.text, doubt.remedy)
      return
    }
    let nodes = nodes()
    settle(source, nodes.map(\.node).sorted())
    if nodes.contains(where: { $0.node.isLoopback }) {
      object(
        "a Sentinel makes itself known at a loopback address, where every other host finds only itself",
        "'sentinel announce-ip' with an address of its host in that sentinel.conf, or 'bind' there with"
          + " one; then restart it")
    }
    checkReach(nodes)
    checkPromise(source, nodes.count)
    if let node = source.master?.node, node.isLoopback {
      object(
        "Sentinel names the master \(node): every other host would look for it at itself",
        "on each Sentinel: SENTINEL REMOVE \(request.master), then SENTINEL MONITOR \(request.master)"
          + " with an address that the others reach")
    }
  }

  /// The first that answers and monitors the master; says why where there is none.
  private mutating func chosen() -> SentinelFacts? {
    let answering = facts.asked.filter { $0.problem == nil }
    if let source = answering.first(where: { $0.master != nil }) { return source }
    guard answering.isEmpty else {
      let names = Set(answering.flatMap(\.masters)).sorted()
      object(
        "Sentinel \(list(answering.map(\.asked))) does not monitor '\(request.master)'"
          + (names.isEmpty ? "" : ", but: \(names.joined(separator: ", "))"),
        names.isEmpty ? "SENTINEL MONITOR, on each Sentinel" : "say one of these names")
      return nil
    }
    for sentinel in facts.asked { complain(of: sentinel) }
    return nil
  }

  private mutating func complain(of sentinel: SentinelFacts) {
    let problem = sentinel.problem ?? .silent
    let remedy =
      switch problem {
      case .refused where problem.asksForPassword:
        request.sentinelLogin == nil
          ? "--password-file FILE, and --user NAME where it has users; what such a user needs:\n"
            + AccessRights.sentinel() : "see whether that is its password"
      case .refused where problem.lacksRight:
        "what its user needs: \(AccessRights.sentinel(user: request.sentinelLogin?.user ?? "vipd"))"
      case .refused where problem.isProtectedMode:
        "'protected-mode no' in its sentinel.conf, or a password"
      default:
        "start it (systemctl start redis-sentinel), or name another: --sentinel HOST:PORT; where it speaks"
          + " TLS alone, write the file by hand (vipd.conf(5)), for setup speaks none"
      }
    object("no answer from Sentinel \(sentinel.asked): \(problem.text)", remedy)
  }

  /// Sentinels that were asked and don't speak of the same group.
  private func disagreement(with source: SentinelFacts) -> SetupRemark? {
    let named = (facts.asked + facts.listed).filter { $0.master != nil && $0.problem == nil }
    for other in named where other.master?.node != source.master?.node {
      let isKnown = source.others[other.id] != nil || other.others[source.id] != nil
      return SetupRemark(
        text: "Sentinel \(source.asked) names \(source.master?.node.description ?? "nobody"),"
          + " Sentinel \(other.asked) names \(other.master?.node.description ?? "nobody")",
        remedy: isKnown
          ? "a failover may be under way: wait until they agree, and run this again"
          : "they belong to two groups of that name: say which with --sentinel HOST:PORT")
    }
    return nil
  }

  /// Each Sentinel once, by its run id, under the address by which the others know it.
  private func nodes() -> [(node: ServerNode, isReached: Bool)] {
    let heard = (facts.asked + facts.listed).filter { $0.problem == nil && $0.master != nil }
    var known: [String: Set<ServerNode>] = [:]
    for sentinel in heard {
      for (id, node) in sentinel.others { known[id, default: []].insert(node) }
    }
    for sentinel in heard where known[sentinel.id] == nil {
      let own = sentinel.announced ?? sentinel.asked
      known[sentinel.id] = [own]
    }
    return known.map { id, nodes in
      let reached = facts.listed.filter { $0.problem == nil && $0.id == id }.map(\.asked)
      let node = nodes.filter(reached.contains).min() ?? nodes.min()
      return (node ?? ServerNode(host: "", port: 0), !reached.isEmpty)
    }
  }

  /// Says which can't be reached under the address by which they are known.
  private mutating func checkReach(_ nodes: [(node: ServerNode, isReached: Bool)]) {
    let silent = nodes.filter { !$0.isReached }.map(\.node).sorted()
    for node in silent {
      let problem = facts.listed.first { $0.asked == node }?.problem ?? .silent
      let text = "Sentinel \(node) does not answer under that address: \(problem.text)"
      let remedy =
        "see whether it runs, and 'bind' and 'protected-mode' in its sentinel.conf; one that is gone"
        + " for good: SENTINEL RESET \(request.master) on one Sentinel after the other, 30 s apart"
      if (nodes.count - silent.count) * 2 > nodes.count {
        note(text, remedy)
      } else {
        object(text, remedy)
      }
    }
  }

  /// Says what these Sentinels can't promise.
  private mutating func checkPromise(_ source: SentinelFacts, _ count: Int) {
    guard let master = source.master else { return }
    if count < 3 {
      let words = ServerWords.fewSentinels(count)
      note(words.text, words.remedy)
    }
    if master.quorum * 2 <= count {
      let words = ServerWords.lowQuorum(master.quorum, of: count, master: request.master)
      note(words.text, words.remedy)
    }
    if master.downAfterMilliseconds < 3_000 {
      note(
        "down-after-milliseconds is \(master.downAfterMilliseconds): the guarantee 'strict' needs 3000",
        "SENTINEL SET \(request.master) down-after-milliseconds 3000, on each")
    }
  }
}
