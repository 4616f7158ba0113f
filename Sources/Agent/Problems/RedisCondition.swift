import Addresses
import FailoverCore
import Links
import Wording

/// What the local Redis refuses, and in which words.
struct RedisCondition {
  /// Why the link to it is lost; nil while it stands.
  private(set) var loss: ServerWords?
  /// What it answers to ROLE instead of its role.
  private(set) var roleRefusal: ServerWords?
  /// Why the group's channel can't be subscribed to.
  private(set) var channelRefusal: ServerWords?
  /// What it, a master, said of itself last.
  private(set) var health: RedisHealth?
  /// Clients that it turned away between the last two looks.
  private(set) var turnedAway: UInt64 = 0

  /// Takes in what the link tells.
  mutating func take(_ report: RedisLinkReport) {
    switch report {
    case .role(let role, _):
      loss = nil
      roleRefusal = nil
      if role != .master {
        health = nil
        turnedAway = 0
      }
    case .roleRefused(let words):
      loss = nil
      roleRefusal = words
    case .channelRefused(let words): channelRefusal = words
    case .health(let new):
      let before = health?.rejectedConnections ?? new.rejectedConnections
      turnedAway = new.rejectedConnections - min(before, new.rejectedConnections)
      health = new
    case .lost(_, let text):
      self = RedisCondition()
      loss = ServerWords(text)
    case .replicas, .replication, .identity, .fence, .fenceUnreadable, .fenceAnswered, .priority,
      .priorityAnswered, .message, .sentNonsense:
      break
    }
  }
}

/// Whose password is meant, and where it stands.
struct KnownLogin: Equatable {
  /// The user; nil for the default one.
  var user: String?
  /// The file; nil if the configuration has no password.
  var file: String?
  /// The directive that names a file.
  let directive: String

  /// What is wrong when a server says so.
  func problem(of server: String, _ words: ServerWords, noFile label: String) -> GroupProblem {
    guard let file else {
      return GroupProblem(
        label: label,
        sentence:
          "\(server) asks for a password, and vipd.conf has none (\(words.text)): add the line "
          + "'\(directive) FILE' and reload vipd")
    }
    let whose = user.map { "the password of user \($0)" } ?? "the password"
    return GroupProblem(
      label: "password-refused",
      sentence:
        "\(server) refuses \(whose) in \(file) (\(words.text)); connections that stand go on, new "
        + "ones fail. Put the right one into the file and reload vipd")
  }
}

extension RedisCondition {
  /// What an operator should look at.
  ///
  /// - Parameters:
  ///   - server: the instance, for people.
  ///   - entry: what it said to the last trial of a new connection, if it refused that.
  ///   - login: the password that is used.
  /// - Returns: one problem for each label.
  func problems(
    of server: String, entry: ServerWords?, login: KnownLogin
  ) -> [GroupProblem] {
    var problems: [GroupProblem] = []
    let isToldByEntry = entry?.code != nil || entry?.concernsTLS == true
    let told = isToldByEntry ? [loss, roleRefusal, entry] : [loss, roleRefusal]
    for words in told.compactMap(\.self) {
      let problem = Self.problem(of: server, words, login)
      if !problems.contains(where: { $0.label == problem.label }) { problems.append(problem) }
    }
    if loss == nil, let entry, !isToldByEntry {
      problems.append(
        GroupProblem(
          label: "redis-closed",
          sentence:
            "\(server) lets no new client in (\(entry.text)), while connections that stand go on: "
            + "look at bind and port (CONFIG GET), and at the firewall"))
    }
    if let channelRefusal {
      problems.append(
        GroupProblem(
          label: "redis-channel",
          sentence: "\(server) does not let vipd subscribe to the group's channel "
            + "(\(channelRefusal.text)): the vipds of this group can't warn one another. "
            + Self.advice(forChannelAt: server, channelRefusal)))
    }
    if let health { problems += self.problems(of: server, health) }
    return problems
  }

  private func problems(of server: String, _ health: RedisHealth) -> [GroupProblem] {
    var problems: [GroupProblem] = []
    if health.isLoading {
      let share = health.loadedPercent.map { " (\($0) %)" } ?? ""
      problems.append(
        GroupProblem(
          label: "redis-loading",
          sentence:
            "\(server) is loading its data\(share): clients are answered LOADING until it is done"
        ))
    }
    if health.hasFailedToAppend {
      problems.append(
        GroupProblem(
          label: "redis-misconf",
          sentence: "MISCONF: \(server) refuses writes because it can't write its AOF "
            + "(aof_last_write_status:err). Make room on its disk; its log says what is wrong"))
    } else if health.hasFailedToSave, health.stopsWithoutSave != false {
      let doubt = health.stopsWithoutSave == nil ? ", unless stop-writes-on-bgsave-error is no" : ""
      problems.append(
        GroupProblem(
          label: "redis-misconf",
          sentence: "MISCONF: \(server) refuses writes because its last RDB save failed\(doubt) "
            + "(rdb_last_bgsave_status:err). Fix what its log says (disk, rights, memory), then BGSAVE"
        ))
    }
    if turnedAway > 0 {
      problems.append(
        GroupProblem(
          label: "redis-max-clients",
          sentence:
            "\(server) turned \(turnedAway) client\(turnedAway == 1 ? "" : "s") away within "
            + "\(RedisHealthInquiry.period.shortText): ERR max number of clients reached. "
            + Self.advice(forCrowdAt: server)))
    }
    return problems
  }

  private static func problem(
    of server: String, _ words: ServerWords, _ login: KnownLogin
  ) -> GroupProblem {
    if words.refusesLogin { return login.problem(of: server, words, noFile: "redis-auth") }
    if words.refusesForCrowd {
      return GroupProblem(
        label: "redis-max-clients",
        sentence: "\(server) lets no new client in: \(words.text). \(advice(forCrowdAt: server))")
    }
    if words.concernsTLS {
      return GroupProblem(label: "redis-tls", sentence: "\(server): \(words.text)")
    }
    guard let code = words.code else {
      if words.text.hasPrefix(RESPConnection.isForeign) {
        return GroupProblem(
          label: "redis-foreign",
          sentence:
            "what listens at \(server) is no Redis, for \(words.text): another program has its "
            + "port, and while it does a death of Redis is left to the Sentinels. Find it (ss -ltnp)"
        )
      }
      return GroupProblem(
        label: "redis-silent",
        sentence: "\(server) does not answer: \(words.text). See whether it runs, and its log")
    }
    let (label, advice) = kind(code)
    return GroupProblem(label: label, sentence: "\(server) refuses: \(words.text). \(advice)")
  }

  private static func advice(forChannelAt server: String, _ words: ServerWords) -> String {
    if words.refusesForCrowd { return advice(forCrowdAt: server) }
    // A connection that ends says nothing of rights.
    guard words.code != nil else { return "It is tried again each second; its log may say more" }
    return "Grant +subscribe, +publish and the channel to its user"
  }

  private static func advice(forCrowdAt server: String) -> String {
    "Raise maxclients, or find with CLIENT LIST who opens so many connections"
  }

  /// The label of an error code, and what to do.
  private static func kind(_ code: String) -> (label: String, advice: String) {
    switch code {
    case "BUSY":
      (
        "redis-busy",
        "A script runs too long; SCRIPT KILL or FUNCTION KILL ends one that wrote nothing"
      )
    case "NOPERM":
      ("redis-noperm", "Grant the user of vipd what the reference configuration names")
    case "DENIED":
      ("redis-denied", "Give Redis a password and vipd its file, or set protected-mode no")
    case "LOADING": ("redis-loading", "Clients are answered so until its data is read")
    case "MISCONF": ("redis-misconf", "Fix what its log says")
    case "READONLY": ("redis-readonly", "Clients that write are refused")
    case "MASTERDOWN": ("redis-masterdown", "It is a replica without its master")
    default: ("redis-refuses", "Its own log may say more")
    }
  }
}
