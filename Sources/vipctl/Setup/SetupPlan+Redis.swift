import Addresses
import Configuration

/// Whether the Redis of this host serves at the virtual address.
extension SetupPlan {
  /// Whether Sentinel names a Redis of this host.
  mutating func checkMembership() {
    guard let source, let master = source.master, facts.redis.isEmpty, !master.node.isLoopback
    else { return }
    let names = ([master.node] + source.replicas.sorted()).map(\.description)
    let own = Set(facts.interfaces.map(\.prefix.address)).sorted()
    let found = facts.strangers.map { " One answers at \($0)." }.joined()
    object(
      "Sentinel names no Redis of this host for '\(request.master)': it names \(list(names)); this host has"
        + " \(list(own)).\(found)",
      facts.strangers.isEmpty
        ? "vipd runs on the hosts of the Redis instances: start Redis here, as a replica"
        : "REPLICAOF \(master.node.host) \(master.node.port) there, and 'replica-announce-ip' with an"
          + " address of this host; behind a translation a line 'redis \(request.master) ADDRESS PORT at"
          + " LOCAL PORT' in \(request.path)")
  }

  /// Looks at one instance.
  mutating func check(_ redis: RedisFacts) {
    if let problem = redis.problem { return complain(of: redis, problem) }
    checkLogin(redis)
    checkBind(redis)
    if let command = redis.refusedCommand {
      let text = "Redis \(redis.node) refuses \(command) to vipd"
      let remedy =
        "its user needs, on every host:\n"
        + AccessRights.redis(
          user: request.redisLogin?.user ?? "vipd", hasFence: request.wantsFence)
        + "\nand 'rename-command' must leave CONFIG, REPLICAOF and CLIENT their names"
      // The role alone is what vipd can't do without.
      if command == "ROLE" || request.wantsFence {
        object(text, remedy)
      } else {
        note("\(text), so it is not known whether it listens at \(request.address)", remedy)
      }
    }
    if let unit = redis.unguardedUnit {
      let which = redis.file.flatMap { $0.isEmpty ? nil : "--conf \($0)" }
      let instance = which ?? "--port \(redis.node.port)"
      note(
        "\(unit) runs Redis \(redis.node) without vipd's drop-in: a stop of it is no planned move",
        """
        write /etc/systemd/system/\(unit).d/vipd.conf, and then: systemctl daemon-reload
        [Unit]
        After=vipd.service
        [Service]
        ExecStartPre=+-/usr/bin/vipctl guard \(instance)
        ExecStop=+-/usr/bin/vipctl handover \(instance)
        """)
    }
    if request.wantsFence, redis.file == "" {
      note(
        "Redis \(redis.node) was started without a file: the fence is lost when it restarts",
        "start it with a file of its own, in a directory that it may write to")
    }
  }

  private mutating func complain(of redis: RedisFacts, _ problem: ServerProblem) {
    let file = redis.file.flatMap { $0.isEmpty ? nil : $0 } ?? "its redis.conf"
    if problem.isProtectedMode {
      let line = place(of: "protected-mode", in: redis) ?? "'protected-mode yes' in \(file)"
      let isOverruled = redis.lines["protected-mode"]?.text.hasSuffix(" no") ?? false
      object(
        ServerWords.protected(redis.node),
        isOverruled
          ? "CONFIG SET protected-mode no, for it was changed while it ran; \(line)"
          : "a password (requirepass, or users), or 'protected-mode no' in place of \(line); then"
            + " restart it")
    } else if redis.bind != nil {
      complainOfBind(redis)
    } else {
      object(
        "Redis \(redis.node) of this host does not answer: \(problem.text)",
        "see whether it runs; if it does, 'bind' in \(file) must have '*', or the address; where it speaks"
          + " TLS alone, write \(request.path) by hand (vipd.conf(5)), for setup speaks none")
    }
  }

  private mutating func checkLogin(_ redis: RedisFacts) {
    guard redis.needsLogin else { return }
    let hasUser = request.redisLogin?.user != nil
    if let problem = redis.loginProblem {
      let rights = AccessRights.redis(
        user: request.redisLogin?.user ?? "vipd", hasFence: request.wantsFence)
      object(
        "Redis \(redis.node) asks for a password: \(problem.text)",
        request.redisLogin == nil
          ? "--password-file FILE; best for a user that may do nothing else, --user vipd, made on"
            + " every host:\n\(rights)"
          : "see whether the file has the password"
            + (hasUser ? ", and whether the user is there:\n\(rights)" : ""))
    }
  }

  private mutating func checkBind(_ redis: RedisFacts) {
    if !redis.listens(at: request.address, bindsNonlocal: facts.bindsNonlocal) {
      complainOfBind(redis)
    }
  }

  private mutating func complainOfBind(_ redis: RedisFacts) {
    let bind = (redis.bind ?? []).joined(separator: " ")
    let wildcard = if case .v4 = request.address { "*" } else { "* -::*" }
    let line =
      place(of: "bind", in: redis)
      ?? "the line 'bind \(bind)' of \(redis.file.flatMap { $0.isEmpty ? nil : $0 } ?? "its redis.conf")"
    let isNamed = redis.binds(request.address)
    object(
      ServerWords.deaf(redis, at: request.address),
      (isOverruled(redis)
        ? "CONFIG SET bind '\(wildcard)', for it was changed while it ran; \(line)"
        : "'bind \(wildcard)' in place of \(line), then restart it")
        + (isNamed ? "; or sysctl net.ipv4.ip_nonlocal_bind=1 (ipv6 likewise) on every host" : ""))
  }

  /// Whether its file says something else than what is in force.
  private func isOverruled(_ redis: RedisFacts) -> Bool {
    guard let line = redis.lines["bind"] else { return false }
    let words = DirectiveLine(Array(line.text.utf8)).words.dropFirst().map(\.text)
    return words != redis.bind
  }

  /// A line of a server's file, to find it by.
  private func place(of name: String, in redis: RedisFacts) -> String? {
    guard let line = redis.lines[name], let file = redis.file else { return nil }
    return "line \(line.number) of \(file): \(line.text)"
  }
}
