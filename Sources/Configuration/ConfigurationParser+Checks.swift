import Addresses
import FailoverCore

/// What can only be said when the whole file is read.
extension ConfigurationParser {
  /// Checks the parts against each other and puts them together.
  consuming func finish() throws(ConfigurationError) -> Configuration {
    checkPresence()
    checkMentions()
    checkVirtualAddresses()
    checkCredentials()
    checkCarrierLoss()
    if let controlPath, let hookPath, controlPath.value == hookPath.value {
      complain("control and hook need a socket each", at: hookPath.place)
    }
    guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
    var configuration = Configuration(
      sentinels: sentinels.map(\.value), groups: groups.map(section(of:)),
      isDaemonless: isDaemonless, metrics: metrics, cautions: cautions.sorted())
    configuration.sentinelCredentials = sentinelPasswordFile.map {
      Credentials(user: sentinelUser?.value, passwordFile: $0)
    }
    configuration.sentinelTLS = sentinelTLS
    configuration.controlPath = controlPath?.value ?? configuration.controlPath
    configuration.hookPath = hookPath?.value ?? configuration.hookPath
    configuration.stateDirectory = stateDirectory ?? configuration.stateDirectory
    configuration.stopPolicy = stopPolicy ?? configuration.stopPolicy
    return configuration
  }

  private func section(of draft: GroupDraft) -> GroupSection {
    let settings = settings[draft.masterName] ?? GroupSettings()
    var section = GroupSection(
      masterName: draft.masterName, virtualAddresses: draft.virtualAddresses.map(\.value),
      redis: settings.redis?.value, redisLocal: settings.redisLocal?.value,
      redisCredentials: settings.redisPasswordFile.map {
        Credentials(user: settings.redisUser?.value, passwordFile: $0)
      },
      leaseLimit: settings.leaseLimit, blindPolicy: settings.blindPolicy, fence: settings.fence,
      announcement: settings.announcement, channelKeyFile: settings.channelKeyFile,
      movesOnCarrierLoss: settings.movesOnCarrierLoss != nil)
    section.probesForDuplicates = settings.probesForDuplicates
    section.deathPolicy =
      settings.deathPolicy ?? GroupSection.usualDeathPolicy(besides: settings.fence)
    section.ignoredClaimants = settings.ignoredClaimants
    section.tls = settings.tls
    section.notifyProgram = settings.notifyProgram
    return section
  }

  /// Without a Sentinel or an address there is nothing to do.
  private mutating func checkPresence() {
    let end = Place(line: max(lineCount, 1), column: 1, word: nil)
    if !hasSentinelLine, sentinelOwners.isEmpty {
      complain("the file names no Sentinel: expected a line 'sentinel HOST PORT'", at: end)
    } else if !hasSentinelLine {
      for group in groups where !sentinelOwners.contains(group.masterName) {
        complain(
          "'\(ConfigurationProblem.printable(group.masterName))' has no Sentinel: expected a line"
            + " 'sentinel HOST PORT', or 'sentinel MASTER HOST PORT' for this one", at: end)
      }
    }
    if groups.isEmpty {
      complain(
        "the file names no address: expected a line 'vip MASTER ADDRESS/LENGTH dev INTERFACE'",
        at: end)
    }
  }

  /// A line for a master without an address is a misspelt name.
  private mutating func checkMentions() {
    for mention in mentions
    where !groups.contains(where: { $0.masterName == mention.value }) {
      complain("no 'vip' line names this master", at: mention.place)
    }
  }

  /// An address belongs to one group, once, and to no node.
  private mutating func checkVirtualAddresses() {
    let all = groups.flatMap { group in group.virtualAddresses.map { (group.masterName, $0) } }
    var owners: [IPAddress: (masterName: String, line: Int)] = [:]
    for (masterName, virtualAddress) in all.sorted(by: { $0.1.place.line < $1.1.place.line }) {
      let address = virtualAddress.value.address
      if let owner = owners[address] {
        let whose = owner.masterName == masterName ? "" : " for '\(owner.masterName)'"
        complain(
          "\(address) already stands\(whose) in line \(owner.line)", at: virtualAddress.place)
      } else {
        owners[address] = (masterName, virtualAddress.place.line)
      }
      checkAgainstNodes(virtualAddress)
    }
  }

  private mutating func checkAgainstNodes(_ virtualAddress: Located<VirtualAddress>) {
    let address = virtualAddress.value.address
    if let sentinel = sentinels.first(where: { $0.value.endpoint?.address == address }) {
      complain(
        "\(address) is the address of the Sentinel in line \(sentinel.place.line):"
          + " a virtual address must belong to no node", at: virtualAddress.place)
    }
    let lines = settings.values.flatMap { [$0.redis, $0.redisLocal] }.compactMap { $0 }
      .filter { $0.value.address == address }
    if let line = lines.map(\.place.line).min() {
      complain(
        "\(address) is the address of the Redis in line \(line):"
          + " a virtual address must belong to no node", at: virtualAddress.place)
    }
  }

  /// Without a fence a move loses what was acknowledged last.
  private mutating func checkCarrierLoss() {
    for (name, settings) in settings {
      guard let place = settings.movesOnCarrierLoss, settings.fence == .off,
        // A line that was not understood was told already.
        !stands(.fence, scope: name) || problems.isEmpty
      else { continue }
      complain(
        "a move that starts by itself must lose no write: expected a line 'fence \(name) "
          + "min-replicas all' as well", at: place)
    }
  }

  /// A user without a password can't log in.
  private mutating func checkCredentials() {
    if let sentinelUser, !stands(.authPassFile, scope: "sentinel") {
      complain("expected a line 'auth-pass-file sentinel FILE' as well", at: sentinelUser.place)
    }
    for (name, settings) in settings {
      guard let user = settings.redisUser, !stands(.authPassFile, scope: name) else { continue }
      complain("expected a line 'auth-pass-file redis \(name) FILE' as well", at: user.place)
    }
  }
}
