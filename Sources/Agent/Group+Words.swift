import Addresses
import Configuration
import FailoverCore

/// What Redis and the Sentinels say when they refuse something.
extension Group {
  /// How often the problems are looked at for the log.
  static let problemPeriod = Duration.seconds(1)

  /// What the local Redis and the group's Sentinels refuse, with their own words.
  var wordProblems: [GroupProblem] {
    let local =
      redis.map { link in
        redisCondition.problems(
          of: "the local Redis \(link.endpoint)", entry: redisDoor.refusal(of: link.endpoint),
          login: KnownLogin(
            user: section.redisCredentials?.user, file: section.redisCredentials?.passwordFile,
            directive: "auth-pass-file redis \(masterName)"))
      } ?? []
    return local + services.sentinelProblems(masterName)
  }

  /// Tries whether the local Redis lets new connections in, and logs what became a problem.
  func tickWords(at now: Instant) {
    redisDoor.tick(redis.map { [$0.endpoint] } ?? [], login: redisLogin, at: now)
    guard problemsLookedAt.map({ now - $0 >= Self.problemPeriod }) ?? true else { return }
    problemsLookedAt = now
    // A link that is lost for a moment, as in each promotion, is told by its own line.
    journal.note(problems.filter { $0.label != "redis-silent" })
  }
}

extension Daemon {
  /// What a group's Sentinels refuse, with their own words.
  func sentinelProblems(of masterName: String) -> [GroupProblem] {
    let login = KnownLogin(
      user: loaded.configuration.sentinelCredentials?.user,
      file: loaded.configuration.sentinelCredentials?.passwordFile,
      directive: "auth-pass-file sentinel")
    var problems: [GroupProblem] = []
    for link in sentinels where link.masterNames.contains(masterName) {
      let found = SentinelCondition(link, entry: sentinelDoor.refusal(of: link.id))
        .problems(of: masterName, login: login)
      for problem in found where !problems.contains(where: { $0.label == problem.label }) {
        problems.append(problem)
      }
    }
    return problems
  }

  /// Why each Sentinel out of contact is lost, in its own words or the system's.
  var sentinelLosses: [SentinelID: String] {
    var losses: [SentinelID: String] = [:]
    for link in sentinels where !link.isConnected { losses[link.id] = link.lastLoss?.text }
    return losses
  }
}

/// What one Sentinel refuses.
struct SentinelCondition {
  private let link: SentinelLink
  private let entry: ServerWords?

  init(_ link: SentinelLink, entry: ServerWords?) {
    self.link = link
    self.entry = entry
  }

  /// What an operator should look at, for one group.
  func problems(of masterName: String, login: KnownLogin) -> [GroupProblem] {
    let name = "Sentinel \(link.id)"
    var problems: [GroupProblem] = []
    let loss = link.isConnected ? nil : link.lastLoss.map { ServerWords($0.text) }
    if let words = loss ?? entry {
      if words.refusesLogin {
        problems.append(login.problem(of: name, words, noFile: "sentinel-auth"))
      } else if words.code != nil {
        problems.append(
          GroupProblem(
            label: "sentinel-refuses",
            sentence: "\(name) lets no new connection in: \(words.text). \(advice(words))"))
      }
    }
    guard link.isConnected else { return problems }
    if let words = link.eventRefusal {
      problems.append(
        GroupProblem(
          label: "sentinel-events",
          sentence:
            "\(name) does not let vipd subscribe (\(words.text)): takeovers come up to 0.2 s "
            + "later. Grant +subscribe and &* (allchannels) to its user"))
    }
    if let words = link.refusal(of: masterName) {
      problems.append(
        GroupProblem(
          label: "sentinel-noperm",
          sentence:
            "\(name) refuses what vipd asks (\(words.text)), so it counts for nothing. Grant "
            + "the user of vipd what the reference configuration names"))
    }
    return problems
  }

  private func advice(_ words: ServerWords) -> String {
    if words.refusesForCrowd {
      return "Raise maxclients, or find with CLIENT LIST who opens so many connections"
    }
    if words.code == "DENIED" {
      return "Give it a password and vipd its file, or protected-mode no"
    }
    return "Its own log may say more"
  }
}
