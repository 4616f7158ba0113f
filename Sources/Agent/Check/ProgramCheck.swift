import Configuration
import Glibc

/// Whether the programs of `notify` lines can be run, as far as it can be told from here.
enum ProgramCheck {
  /// What is wrong with each, as lines for people.
  static func warnings(_ configuration: Configuration) -> [String] {
    Set(configuration.groups.compactMap(\.notifyProgram)).sorted().compactMap(warning)
  }

  private static func warning(_ program: String) -> String? {
    guard let rights = FileRights(of: program) else {
      let reason = unsafe String(cString: strerror(errno))
      return "\(program), which a 'notify' line names, can't be looked at: \(reason)"
    }
    guard rights.mode & S_IFMT == S_IFREG else {
      return "\(program), which a 'notify' line names, is no file that can be run"
    }
    // It runs as a user of its own, which owns nothing and is in no group.
    guard rights.mode & 0o001 == 0 else { return nil }
    return "\(program), which a 'notify' line names, can't be run by others: chmod 755 \(program)"
  }
}
