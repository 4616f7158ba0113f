import Addresses
import FailoverCore
import LinuxNetwork
import Logging

// MARK: - What is sent

extension LinuxHost {
  func announce(_ address: VirtualAddress) -> AddressProblem? {
    if awaited.contains(address), postponed.insert(address).inserted { return nil }
    return send(address) { link throws(LinkLayerError) in
      try announcer.announce(address.address, on: link)
    }
  }

  /// The kernel answers for an address now: whoever hears of it will find it here.
  func becameReachable(_ address: VirtualAddress) {
    guard awaited.remove(address) != nil, postponed.remove(address) != nil else { return }
    if let problem = announce(address) {
      failureLog.warning("\(address) can't be announced: \(problem.failure.sentence)")
    }
  }

  func probe(_ address: VirtualAddress) -> AddressProblem? {
    send(address) { link throws(LinkLayerError) in
      try announcer.probe(address.address, on: link)
    }
  }

  func usableLink(of address: VirtualAddress) -> Link? {
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
}

// MARK: - When the kernel is listened to

extension LinuxHost {
  /// Keeps the kernel's word of what is done here from waking another thread before it is announced.
  func listenLater() {
    guard !isListeningLater else { return }
    isListeningLater = true
    descriptors.disarm(monitor.fileDescriptor)
  }

  func listenAgain() {
    guard isListeningLater else { return }
    isListeningLater = false
    descriptors.rearm(monitor.fileDescriptor)
  }
}
