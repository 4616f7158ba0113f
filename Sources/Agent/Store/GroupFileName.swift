import ChannelMessages

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
    let whole = escaped(masterName.utf8) { byte in "%" + hexadecimal(byte) }
    guard whole.utf8.count > limit else { return whole }
    let beginning = escaped(masterName.utf8.prefix(prefixLimit)) { "%" + hexadecimal($0) }
    let digest = SHA256.hash(Array(masterName.utf8)).prefix(SHA256.digestLength / 2)
    return beginning + "~" + digest.map(hexadecimal).joined()
  }

  /// The name that vipd gave until 0.1, where that is another: it cut after 80 bytes, so that master
  /// names shared their files.
  static func earlierName(for masterName: String) -> String? {
    let earlier = escaped(masterName.utf8.prefix(80)) { "%" + String($0, radix: 16) }
    return earlier == name(for: masterName) ? nil : earlier
  }

  private static func escaped(
    _ bytes: some Sequence<UInt8>, _ escape: (UInt8) -> String
  ) -> String {
    var name = ""
    for byte in bytes {
      if isUsual(byte) {
        name.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        name += escape(byte)
      }
    }
    return name
  }

  private static func isUsual(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return digits.utf8.count < 2 ? "0" + digits : digits
  }
}
