import Glibc

/// Who may do what with a file (inode(7)).
struct FileRights: Equatable {
  let owner: UInt32
  let group: UInt32
  let mode: UInt32

  init(owner: UInt32, group: UInt32, mode: UInt32) {
    self.owner = owner
    self.group = group
    self.mode = mode
  }

  /// Those of a file; nothing if it can't be looked at.
  init?(of path: String) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    self.init(owner: status.st_uid, group: status.st_gid, mode: status.st_mode)
  }

  /// Whether everybody on the host may read it.
  var isReadableByAll: Bool { mode & 0o004 != 0 }

  /// Whether an account may read it, or search it if it is a directory.
  ///
  /// The first of owner, group and others that fits counts alone (path_resolution(7)).
  func permits(_ account: Account, toSearch: Bool) -> Bool {
    if account.user == 0 { return true }
    let bit: UInt32 = toSearch ? 0o1 : 0o4
    if account.user == owner { return mode & (bit << 6) != 0 }
    if account.groups.contains(group) { return mode & (bit << 3) != 0 }
    return mode & bit != 0
  }
}

/// A user with all groups (getpwnam(3), getgrouplist(3)).
struct Account: Equatable {
  let user: UInt32
  let groups: Set<UInt32>

  init(user: UInt32, groups: Set<UInt32>) {
    self.user = user
    self.groups = groups
  }

  /// The account of a name; nothing if there is none.
  init?(named name: String) {
    guard let entry = unsafe getpwnam(name) else { return nil }
    let (user, group) = unsafe (entry.pointee.pw_uid, entry.pointee.pw_gid)
    var groups = [gid_t](repeating: group, count: 64)
    var count = Int32(groups.count)
    guard unsafe getgrouplist(name, group, &groups, &count) >= 0 else {
      self.init(user: user, groups: [group])
      return
    }
    self.init(user: user, groups: Set(groups.prefix(Int(count))))
  }

  /// What keeps the account from reading a file: the file, or a directory on the way to it.
  func obstacle(
    toReading path: String, rights: (String) -> FileRights? = { FileRights(of: $0) }
  ) -> (path: String, isFile: Bool)? {
    var directory = ""
    for part in path.split(separator: "/").dropLast() {
      directory += "/" + part
      if let found = rights(directory), !found.permits(self, toSearch: true) {
        return (directory, false)
      }
    }
    guard let found = rights(path), !found.permits(self, toSearch: false) else { return nil }
    return (path, true)
  }
}
