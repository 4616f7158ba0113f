import ChannelMessages
import LineCoding

/// The file names of groups: one for each master name, and none longer than a directory takes.
enum GroupFileName {
  /// The longest name without its ending: NAME_MAX is 255, and `.history.new` is added (limits.h).
  static let limit = 240
  /// So much of a master name stands in front of the hash where the whole is too long.
  static let prefixLimit = 40

  /// The name of a group's files, without an ending.
  ///
  /// What is unusual in a file name is written in hexadecimal, two digits a byte, so that no two
  /// master names share one. Where that is too long, the beginning is followed by `~`, which
  /// otherwise stands nowhere, and the first half of the SHA-256 of the whole.
  static func name(for masterName: String) -> String {
    let whole = PercentEscaping.fileName.escape(masterName.utf8)
    guard whole.utf8.count > limit else { return whole }
    let beginning = PercentEscaping.fileName.escape(masterName.utf8.prefix(prefixLimit))
    let digest = SHA256.hash(Array(masterName.utf8)).prefix(SHA256.digestLength / 2)
    // With the 1 in front, both digits are there.
    let digits = digest.map { String(0x100 + Int($0), radix: 16).dropFirst() }
    return beginning + "~" + digits.joined()
  }

  /// The name that vipd gave until 0.1, where that is another: it cut after 80 bytes, so that master
  /// names shared their files.
  static func earlierName(for masterName: String) -> String? {
    let earlier = PercentEscaping.earlierFileName.escape(masterName.utf8.prefix(80))
    return earlier == name(for: masterName) ? nil : earlier
  }
}
