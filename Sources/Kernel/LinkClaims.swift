import Addresses
import LinuxNetwork

/// The watcher of one interface; a class, since arrays can't hold what can't be copied.
final class LinkClaims {
  let name: String
  let index: InterfaceIndex
  let descriptors: [Int32]
  private var watcher: ClaimWatcher

  init(on link: Link, for addresses: Set<IPAddress>) throws(LinkLayerError) {
    name = link.name
    index = link.index
    watcher = try ClaimWatcher(on: link, for: addresses)
    descriptors = watcher.fileDescriptors
  }

  /// This host's Ethernet address on the interface.
  var macAddress: MACAddress { watcher.macAddress }

  func watch(_ addresses: Set<IPAddress>, on link: Link) throws(LinkLayerError) {
    try watcher.watch(addresses, on: link)
  }

  func read() throws(LinkLayerError) -> [AddressClaim] {
    try watcher.claims()
  }
}
