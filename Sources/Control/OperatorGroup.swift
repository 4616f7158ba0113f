import Glibc
import Platform

/// The group of the operators, as the host knows it.
enum OperatorGroup {
  /// Its name.
  static let name = "vipd"

  /// Its number by /etc/group (group(5)); nothing if it does not stand there.
  static func numberInFile(_ path: String = "/etc/group") -> UInt32? {
    for line in (SmallFile.text(at: path) ?? "").split(separator: "\n") {
      let fields = line.split(separator: ":", omittingEmptySubsequences: false)
      if fields.count >= 3, fields[0] == name { return UInt32(fields[2]) }
    }
    return nil
  }

  /// Its number by whatever nsswitch.conf(5) names; may block as long as a directory is silent.
  static func numberByName() -> UInt32? {
    unsafe getgrnam(name).map { unsafe $0.pointee.gr_gid }
  }
}
