import Addresses
import Configuration
import FailoverCore

extension Group {
  /// How often the problems are looked at for the log.
  static let problemPeriod = Duration.seconds(1)

  /// What is wrong with the group now, as far as this host knows; empty if all is well.
  var problems: [GroupProblem] {
    let now = services.clock.now()
    let network = services.network
    let troubles = AddressTrouble.grouped(section.virtualAddresses, network.troubles)
    return ProblemReport(
      masterName: masterName, now: now, status: machine.status(at: now),
      unresolvedNames: services.unresolvedSentinels(masterName),
      refusals: redisProblems + services.sentinelProblems(masterName), instances: instances,
      ownAddresses: network.ownAddresses, rules: sharedRules,
      otherRules: channel.peers.rules(at: now),
      troubles: troubles.map {
        ($0.trouble, $0.addresses, $0.addresses.contains(where: network.isPresent))
      },
      hasSecondDaemon: instances.followed.map { channel.peers.hasSecondDaemon(of: $0, at: now) }
        ?? false
    ).problems
  }

  /// What the local Redis refuses, in its own words.
  private var redisProblems: [GroupProblem] {
    redis.problems(
      KnownLogin(
        user: section.redisCredentials?.user, file: section.redisCredentials?.passwordFile,
        directive: "auth-pass-file redis \(masterName)"))
  }

  /// Tries whether the local Redis lets new connections in, and logs what became a problem.
  func tickWords(at now: Instant) {
    redis.tickDoor(at: now)
    guard problemsLookedAt.map({ now - $0 >= Self.problemPeriod }) ?? true else { return }
    problemsLookedAt = now
    // A link that is lost for a moment, as in each promotion, is told by its own line.
    journal.note(problems.filter { $0.label != "redis-silent" })
  }

  /// Takes in that the interface of some addresses can't carry traffic any more.
  func lostLink(of addresses: [VirtualAddress]) {
    let own = section.virtualAddresses.filter(addresses.contains)
    guard !own.isEmpty else { return }
    moves.lostLink(of: own)
    handle(.linkLost(own))
    // The others must not choose this host now.
    stateLineAt = nil
  }

  /// Takes in that it can again.
  func restoredLink(of addresses: [VirtualAddress]) {
    let own = section.virtualAddresses.filter(addresses.contains)
    guard !own.isEmpty else { return }
    moves.restoredLink(of: own)
    handle(.linkRestored(own))
    stateLineAt = nil
  }
}
