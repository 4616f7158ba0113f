import Glibc

/// A file with a password, which the user `vipd` must be able to read and nobody else.
enum SecretFile {
  /// What `ProtectHome` and `PrivateTmp` of the unit hide (systemd.exec(5)).
  private static let hiddenFolders = ["/home", "/root", "/run/user", "/tmp", "/var/tmp"]

  /// Looks at a file.
  static func facts(_ path: String) -> SecretFacts {
    var status = stat()
    let command = "chown vipd: \(path); chmod 400 \(path)"
    guard path.hasPrefix("/") else {
      return SecretFacts(
        path: path,
        problem: SetupRemark(text: "'\(path)' is no whole path", remedy: "say it from / on"))
    }
    guard unsafe stat(path, &status) == 0 else {
      return SecretFacts(
        path: path,
        problem: SetupRemark(
          text: "\(path): \(ServerClient.text(of: errno))",
          remedy: "install -o vipd -g vipd -m 400 /dev/stdin \(path), then type it and Ctrl-D"))
    }
    if let folder = hiddenFolders.first(where: { path.hasPrefix($0 + "/") }) {
      return SecretFacts(
        path: path,
        problem: SetupRemark(
          text: "the unit hides \(folder) from vipd, so it can't read \(path)",
          remedy: "install -o vipd -g vipd -m 400 \(path) /etc/vipd/, and name that"))
    }
    if status.st_mode & 0o007 != 0 {
      return SecretFacts(
        path: path,
        problem: SetupRemark(text: "everybody on this host can read \(path)", remedy: command))
    }
    guard let account = unsafe getpwnam("vipd") else { return SecretFacts(path: path) }
    let (user, group) = unsafe (account.pointee.pw_uid, account.pointee.pw_gid)
    let isReadable =
      status.st_uid == user && status.st_mode & 0o400 != 0
      || status.st_gid == group && status.st_mode & 0o040 != 0
    guard !isReadable else { return SecretFacts(path: path) }
    return SecretFacts(
      path: path, problem: SetupRemark(text: "the user vipd can't read \(path)", remedy: command))
  }
}
