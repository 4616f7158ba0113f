package import Addresses
package import FailoverCore
import LinuxNetwork
package import Logging
import Platform
import Wording

/// This host's network, over netlink and packet sockets.
///
/// What the kernel has is read again whenever the monitor reports something that differs from
/// what is known, so that a late notification is never taken for news.
package final class LinuxHost: HostAddresses, HostLinks {
  let logger: Logger
  /// What fails may fail at every order.
  let failureLog: RateLimitedLog
  private let descriptors: DescriptorWatch
  private let report: (HostNetworkEvent) -> Void
  private var table: AddressTable
  /// Whether the monitor is not listened to until `listenAgain`.
  private var isListeningLater = false
  private(set) var monitor: NetworkMonitor
  private var announcer: Announcer
  private var presence = AddressPresence()
  private var watchedInOrder: [VirtualAddress] = []
  private var linkTable = LinkTable()
  /// Where each watched address belongs.
  private var places: [VirtualAddress: LinkTable.Choice] = [:]
  /// Copies of watched addresses beside where they belong: another program added them.
  private var strayCopies: [AssignedAddress] = []
  /// What was last read of the interfaces' settings.
  package var settings = HostSettings()
  private var watchers: [LinkClaims] = []
  /// IPv6 addresses that the kernel has taken in but does not answer for yet: it gets there in a
  /// work queue, up to some milliseconds later, and tells when it has.
  private var awaited: Set<VirtualAddress> = []
  /// Those of them that are to be announced then.
  private var postponed: Set<VirtualAddress> = []

  /// Opens the sockets; needs `CAP_NET_ADMIN` and `CAP_NET_RAW`.
  package init(
    descriptors: DescriptorWatch, logger: Logger, report: @escaping (HostNetworkEvent) -> Void
  ) throws(HostNetworkError) {
    self.descriptors = descriptors
    self.logger = logger
    failureLog = RateLimitedLog(logger, clock: HostClock())
    self.report = report
    do {
      monitor = try NetworkMonitor()
      table = try AddressTable()
    } catch {
      throw HostNetworkError(text: error.description)
    }
    do {
      announcer = try Announcer()
    } catch {
      throw HostNetworkError(text: error.description)
    }
    guard descriptors.add(monitor.fileDescriptor) else {
      throw HostNetworkError(text: "the network monitor can't be watched")
    }
    refreshLinks()
  }

  // MARK: - Orders

  package func install(
    _ addresses: [VirtualAddress], for lifetime: KernelLifetime
  ) -> [AddressProblem] {
    listenLater()
    var problems: [AddressProblem] = []
    var targets: [(address: VirtualAddress, link: Link)] = []
    for address in addresses {
      if let link = usableLink(of: address) {
        targets.append((address, link))
      } else {
        problems.append(AddressProblem(address: address, failure: .interface(address.interface)))
      }
    }
    // The kernel has an IPv6 address once on an interface: a copy has to go before.
    if !strayCopies.isEmpty { removeStrayCopies(of: targets.map(\.address), 128) }
    let changes = targets.map {
      AddressChange.replace($0.address.address, on: $0.link.index, lifetime: lifetime.forKernel)
    }
    let failures = apply(changes)
    for (index, target) in targets.enumerated() {
      if let text = failures[index] {
        problems.append(AddressProblem(address: target.address, failure: .kernel(text)))
      } else if presence.installed(target.address) {
        if case .v6 = target.address.address { awaited.insert(target.address) }
        report(.appeared(target.address))
      }
    }
    if !strayCopies.isEmpty {
      let installed = targets.indices.filter { failures[$0] == nil }
      removeStrayCopies(of: installed.map { targets[$0].address }, 32)
    }
    return problems
  }

  /// Removes what another program added of addresses beside where they are leased here: it would
  /// stay when the lease ends.
  private func removeStrayCopies(of addresses: [VirtualAddress], _ length: UInt8) {
    let wanted = Set(addresses.map(\.address)).filter { $0.hostPrefixLength == length }
    let copies = strayCopies.filter { wanted.contains($0.address) }
    strayCopies.removeAll(where: copies.contains)
    let failures = apply(
      copies.map { .delete($0.address, prefixLength: $0.prefixLength, on: $0.interface) })
    for (copy, failure) in zip(copies, failures) {
      let what = "\(copy.address)/\(copy.prefixLength), which another program added here,"
      if let failure {
        failureLog.warning("\(what) can't be removed: \(failure)")
      } else {
        logger.notice("\(what) is removed: the address is leased here")
      }
    }
  }

  package func remove(_ addresses: [VirtualAddress]) -> [AddressProblem] {
    var problems: [AddressProblem] = []
    do {
      let wanted = Set(addresses.map(\.address))
      let found = try table.addresses().movable(wanted)
      let outcomes = try table.apply(
        found.map { .delete($0.address, prefixLength: $0.prefixLength, on: $0.interface) })
      for (found, outcome) in zip(found, outcomes) {
        guard case .refused(let refusal) = outcome,
          let address = addresses.first(where: { $0.address == found.address })
        else { continue }
        problems.append(AddressProblem(address: address, failure: .kernel(refusal.description)))
      }
    } catch {
      return addresses.map { AddressProblem(address: $0, failure: .kernel(error.description)) }
    }
    for address in addresses where !problems.contains(where: { $0.address == address }) {
      awaited.remove(address)
      postponed.remove(address)
      if presence.removed(address) { report(.vanished(address)) }
    }
    return problems
  }

  package func reread() {
    refreshAddresses()
  }

  package func present(among addresses: [VirtualAddress]) -> [StartupFacts.PresentAddress] {
    let all = refreshAddresses(askedFor: Set(addresses))
    return all.movable(Set(addresses.map(\.address))).compactMap { assigned in
      guard let address = addresses.first(where: { $0.address == assigned.address }) else {
        return nil
      }
      let remaining: Duration? =
        switch assigned.validLifetime {
        case .seconds(let seconds): .seconds(Int64(seconds))
        case .infinite: nil
        }
      return StartupFacts.PresentAddress(virtualAddress: address, remaining: remaining)
    }
  }

  /// The watched addresses that the kernel has.
  private var present: Set<VirtualAddress> { presence.present }

  package func isPresent(_ address: VirtualAddress) -> Bool { present.contains(address) }

  package func isReachable(_ address: VirtualAddress) -> Bool {
    present.contains(address) && !awaited.contains(address)
  }

  package func isOwn(_ address: IPAddress) -> Bool { presence.isOwn(address) }

  package var ownAddresses: Set<IPAddress> { presence.own }

  package func watch(_ addresses: [VirtualAddress]) {
    let newcomers = presence.watch(addresses)
    watchedInOrder = addresses
    linkTable.virtual = presence.watchedAddresses
    refreshAddresses(askedFor: newcomers)
    refreshWatchers()
  }

  // MARK: - What is sent

  package func announce(_ address: VirtualAddress) -> AddressProblem? {
    if awaited.contains(address), postponed.insert(address).inserted { return nil }
    return send(address) { link throws(LinkLayerError) in
      try announcer.announce(address.address, on: link)
    }
  }

  /// The kernel answers for an address now: whoever hears of it will find it here.
  private func becameReachable(_ address: VirtualAddress) {
    guard awaited.remove(address) != nil, postponed.remove(address) != nil else { return }
    if let problem = announce(address) {
      failureLog.warning("\(address) can't be announced: \(problem.failure.sentence)")
    }
  }

  package func probe(_ address: VirtualAddress) -> AddressProblem? {
    send(address) { link throws(LinkLayerError) in
      try announcer.probe(address.address, on: link)
    }
  }

  private func usableLink(of address: VirtualAddress) -> Link? {
    guard let link = link(of: address), link.flags.contains(.up) else { return nil }
    return link
  }

  private func send(
    _ address: VirtualAddress, _ send: (Link) throws(LinkLayerError) -> Void
  ) -> AddressProblem? {
    guard let link = usableLink(of: address) else {
      return AddressProblem(address: address, failure: .interface(address.interface))
    }
    do throws(LinkLayerError) {
      try send(link)
      return nil
    } catch .unsuitable {
      // Nobody on such a link asks for addresses, so there is nobody to tell or to hear.
      return nil
    } catch {
      return AddressProblem(address: address, failure: .kernel(error.description))
    }
  }

  // MARK: - What the kernel reports

  /// Keeps the kernel's word of what is done here from waking another thread before it is announced.
  private func listenLater() {
    guard !isListeningLater else { return }
    isListeningLater = true
    descriptors.disarm(monitor.fileDescriptor)
  }

  package func listenAgain() {
    guard isListeningLater else { return }
    isListeningLater = false
    descriptors.rearm(monitor.fileDescriptor)
  }

  /// Reads whatever a descriptor has; called when the watch reports it.
  package func readable(_ descriptor: Int32) {
    if descriptor == monitor.fileDescriptor {
      readMonitor()
    } else {
      readClaims(descriptor)
    }
    descriptors.rearm(descriptor)
  }

  private func readMonitor() {
    let events: [NetworkEvent]
    do {
      events = try monitor.receive()
    } catch {
      failureLog.warning("The kernel's notifications can't be read: \(error)")
      events = [.overrun]
    }
    var needsAddresses = false
    for event in events {
      switch event {
      case .addressUpdated(let assigned):
        if let address = presence.watched(assigned.address) { becameReachable(address) }
        needsAddresses = needsAddresses || isNews(assigned, true)
      case .addressRemoved(let assigned): needsAddresses = needsAddresses || isNews(assigned, false)
      case .linkUpdated(let link): updated(link)
      case .linkRemoved(let link):
        linkTable.links[link.index] = nil
        refreshPlaces()
      case .overrun:
        needsAddresses = true
        refreshLinks()
        refreshPlaces()
        for address in awaited { becameReachable(address) }
      }
    }
    if needsAddresses { refreshAddresses() }
  }

  /// Whether a notification differs from what is known.
  private func isNews(_ assigned: AssignedAddress, _ isPresent: Bool) -> Bool {
    if let address = presence.watched(assigned.address) {
      let isLeased =
        assigned.prefixLength == assigned.address.hostPrefixLength
        && assigned.interface == link(of: address)?.index
      return !isLeased || present.contains(address) != isPresent
    }
    return presence.own.contains(assigned.address) != isPresent
  }

  /// Reads all addresses, and reports what changed.
  ///
  /// - Parameter asked: addresses whose owner reads the answer; nothing is reported of them.
  /// - Returns: all that the kernel has.
  @discardableResult
  private func refreshAddresses(askedFor asked: Set<VirtualAddress> = []) -> [AssignedAddress] {
    let assigned: [AssignedAddress]
    do {
      assigned = try table.addresses()
    } catch {
      failureLog.warning("The kernel's addresses can't be read: \(error)")
      return []
    }
    let news = presence.take(assigned, askedFor: asked)
    awaited.formIntersection(present)
    postponed.formIntersection(present)
    linkTable.assigned = assigned
    refreshPlaces()
    for event in news where presence.holds(event) { report(event) }
    return assigned
  }

  private func updated(_ link: Link) {
    guard linkTable.links[link.index] != link else { return }
    linkTable.links[link.index] = link
    refreshPlaces()
  }

  private func refreshLinks() {
    do {
      linkTable.links = Dictionary(try table.links().map { ($0.index, $0) }) { first, _ in first }
    } catch {
      failureLog.warning("The kernel's interfaces can't be read: \(error)")
    }
  }

  /// Where an address belongs now, if anywhere.
  func link(of address: VirtualAddress) -> Link? {
    place(of: address).link
  }

  /// The same, with the reason where it belongs nowhere.
  private func place(of address: VirtualAddress) -> LinkTable.Choice {
    places[address] ?? linkTable.choice(for: address)
  }

  package func troubles(of address: VirtualAddress) -> [AddressTrouble] {
    linkTable.troubles(of: address, at: place(of: address), settings)
  }

  package func interfaceName(of address: VirtualAddress) -> String? { link(of: address)?.name }

  package func canCarry(_ address: VirtualAddress) -> Bool { link(of: address)?.isUsable == true }

  /// Looks anew where each watched address belongs, and reports which interfaces came or went.
  ///
  /// Of an address that was not watched before nothing is reported: whoever begins asks.
  private func refreshPlaces() {
    let before = places
    places = linkTable.choices(for: watchedInOrder)
    var (lost, restored): ([VirtualAddress], [VirtualAddress]) = ([], [])
    var isElsewhere = false
    for address in watchedInOrder {
      let (old, new) = (before[address]?.link, places[address]?.link)
      let isReplaced = old?.index != new?.index || old?.macAddress != new?.macAddress
      let (wasUsable, isUsable) = (old?.isUsable == true, new?.isUsable == true)
      isElsewhere = isElsewhere || isReplaced || isUsable != wasUsable
      guard before[address] != nil else { continue }
      if isUsable, isReplaced || !wasUsable { restored.append(address) }
      if !isUsable, wasUsable { lost.append(address) }
    }
    strayCopies = linkTable.assigned.strayCopies(
      of: Dictionary(
        places.compactMap { address, choice in
          choice.link.map { (address.address, $0.index) }
        }
      ) { first, _ in first })
    if isElsewhere { refreshWatchers() }
    if !lost.isEmpty { report(.linkLost(lost)) }
    if !restored.isEmpty { report(.linkRestored(restored)) }
  }

  // MARK: - Claims of others

  /// Watches each interface that has a watched address, and no other.
  private func refreshWatchers() {
    let needed = Dictionary(
      grouping: places.compactMap { address, choice in
        choice.link.map { (link: $0, address: address.address) }
      }
    ) { $0.link.index }
    watchers.removeAll { needed[$0.index] == nil }
    for (index, members) in needed.sorted(by: { $0.key < $1.key }) {
      guard let link = members.first?.link else { continue }
      let addresses = Set(members.map(\.address))
      do {
        if let existing = watchers.first(where: { $0.index == index }) {
          try existing.watch(addresses, on: link)
        } else {
          let claims = try LinkClaims(on: link, for: addresses)
          watchers.append(claims)
          for descriptor in claims.descriptors where !descriptors.add(descriptor) {
            failureLog.warning("\(link.name) can't be watched for other claimants")
          }
        }
      } catch {
        failureLog.warning("\(link.name) can't be watched for other claimants: \(error)")
      }
    }
  }

  private func readClaims(_ descriptor: Int32) {
    guard let claims = watchers.first(where: { $0.descriptors.contains(descriptor) }) else {
      return
    }
    do {
      for claim in try claims.read() where !isOwn(claim.macAddress) {
        report(
          claim.isTentative
            ? .probed(claim.address, by: claim.macAddress, own: claims.macAddress)
            : .claimed(claim.address, by: claim.macAddress))
      }
    } catch {
      failureLog.warning("\(claims.name) can't be watched for other claimants: \(error)")
    }
  }

  package func isOwn(_ macAddress: MACAddress) -> Bool {
    linkTable.links.values.contains { $0.macAddress == macAddress }
  }

  // MARK: - Calls

  /// Makes changes; the text of what went wrong for each, or nothing.
  private func apply(_ changes: [AddressChange]) -> [String?] {
    guard !changes.isEmpty else { return [] }
    do {
      return try table.apply(changes).map { outcome in
        if case .refused(let refusal) = outcome { return refusal.description }
        return nil
      }
    } catch {
      return changes.map { _ in error.description }
    }
  }
}
