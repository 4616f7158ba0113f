private import CBuild

/// The version of this build.
public enum Version {
  /// As in `status` and in messages between daemons.
  public static let text = "0.1.0"

  /// With the commit where `scripts/build` named it, as in `--version`.
  public static var full: String {
    // A constant of the program, or nothing.
    guard let commit = unsafe cbuild_commit() else { return text }
    return text + " (commit " + (unsafe String(cString: commit)) + ")"
  }
}
