import Addresses
import Configuration
import FailoverCore

/// What the configuration of a group must say alike on every host, as a mark for each directive.
///
/// Each daemon tells its marks with its state line; one that differs is told to people. Where an address
/// is (`dev`), who this node is (`redis`), files and sockets may differ.
struct SharedRules: Equatable {
  /// The marks by directive, in a fixed order: `vip:1f3c,blind:02aa,…`.
  let text: String

  init(_ section: GroupSection, sentinels: Int) {
    let lengths = section.virtualAddresses.map { "\($0.address)/\($0.subnetPrefixLength)" }
    let fence =
      switch section.fence {
      case .off: "off"
      case .minReplicas(.all, let lag): "all \(lag)"
      case .minReplicas(.exactly(let count), let lag): "\(count) \(lag)"
      }
    let ignored = section.ignoredClaimants.map(\.description).sorted().joined(separator: " ")
    let rules = [
      ("vip", lengths.sorted().joined(separator: " ")), ("sentinel", "\(sentinels)"),
      ("blind", section.blindPolicy.rawValue), ("fence", fence),
      ("lease", section.leaseLimit.map { "\($0.wholeMilliseconds)" } ?? "auto"),
      ("probe", section.probesForDuplicates ? ignored : "off"),
      ("on-carrier-loss", section.movesOnCarrierLoss ? "move" : "stay"),
      ("on-death", section.hasUsualDeathPolicy ? "usual" : section.deathPolicy.rawValue),
      ("channel-key-file", section.channelKeyFile == nil ? "none" : "set"),
      ("tls", section.tls == nil ? "none" : "set"),
    ]
    text = rules.map { "\($0.0):\(Self.mark(of: $0.1))" }.joined(separator: ",")
  }

  /// The directives whose marks differ; one that only one side knows, as another version may, does not.
  func differences(from other: String) -> [String] {
    let theirs = Dictionary(
      other.split(separator: ",").compactMap { pair -> (Substring, Substring)? in
        let parts = pair.split(separator: ":")
        return parts.count == 2 ? (parts[0], parts[1]) : nil
      }, uniquingKeysWith: { first, _ in first })
    return text.split(separator: ",").compactMap { pair in
      let parts = pair.split(separator: ":")
      guard parts.count == 2, let mark = theirs[parts[0]], mark != parts[1] else { return nil }
      return String(parts[0])
    }
  }

  /// FNV-1a, folded to 16 bits: it tells two texts apart, and proves nothing.
  private static func mark(of text: String) -> String {
    var hash: UInt32 = 0x811c_9dc5
    for byte in text.utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
    let digits = String((hash >> 16) ^ (hash & 0xffff), radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}
