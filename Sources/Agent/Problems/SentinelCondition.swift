import Addresses
import Configuration
import FailoverCore
import Links
import Wording

extension Daemon {
  /// What a group's Sentinels refuse, with their own words.
  func sentinelProblems(of masterName: String) -> [GroupProblem] {
    let login = KnownLogin(
      user: loaded.configuration.sentinelCredentials?.user,
      file: loaded.configuration.sentinelCredentials?.passwordFile,
      directive: "auth-pass-file sentinel")
    var problems: [GroupProblem] = []
    for link in sentinels where link.masterNames.contains(masterName) {
      let found = SentinelCondition(link, entry: sentinelAdmission.refusal(of: link.id))
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

  /// What is wrong with Sentinels as such, and with their answers about a group.
  func directoryProblems(of masterName: String) -> [GroupProblem] {
    guard let directory else { return [] }
    let lines = directory.lines(of: masterName)
    var problems = directory.twins.filter(\.isCopied).map { twin in
      let places = twin.endpoints.map(\.description).joined(separator: " and ")
      return GroupProblem(
        label: "sentinel-id-copied",
        sentence:
          "\(places) are two Sentinels with one id (\(twin.runID)), and count as one: stop one of "
          + "them, remove the line 'sentinel myid' from its sentinel.conf, and start it again")
    }
    for link in directory.links where link.isConnected && link.masterNames.contains(masterName) {
      if link.refusal(of: masterName) == nil,
        let refusal = directory.words(of: link.id, about: masterName).refusal
      {
        problems.append(
          GroupProblem(
            label: "sentinel-unusable",
            sentence: "Sentinel \(link.id) answers what can't be used: \(refusal)"))
      }
      if link.facts.isTilted == true {
        problems.append(
          GroupProblem(
            label: "sentinel-tilt",
            sentence:
              "Sentinel \(link.id) is in TILT: its clock jumped or its host stalled, and it takes "
              + "part in no failover until it has run for 30 s without another"))
      }
    }
    if lines.isEmpty {
      problems.append(
        GroupProblem(
          label: "no-sentinel", sentence: "no 'sentinel' line of the configuration concerns it"))
    }
    return problems
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
      if words.concernsTLS {
        problems.append(
          GroupProblem(label: "sentinel-tls", sentence: "\(name): \(words.text)"))
      } else if words.refusesLogin {
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
            + "later. "
            + (words.code == "NOPERM"
              ? "Grant +subscribe and &* (allchannels) to its user" : advice(words))))
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
