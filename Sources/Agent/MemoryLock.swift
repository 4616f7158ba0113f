import Glibc

/// Keeps what the daemon has once used in memory.
///
/// Where memory is short the kernel drops the pages of programs that sleep, and reads them from the
/// disk when they run again: on the day of an outage that disk is busy, and a lease may last 0.6 s
/// (`down-after-milliseconds` 1000).
enum MemoryLock {
  /// What came of it.
  enum Outcome: Equatable {
    case locked
    /// The limit `RLIMIT_MEMLOCK` is in force: what is locked now would make later allocations
    /// fail.
    case limited
    /// The kernel refuses; an errno.
    case refused(Int32)
  }

  /// Locks every page from its first use on (mlockall(2)); what is never used takes no memory.
  static func hold() -> Outcome {
    guard mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0 else {
      return errno == ENOMEM || errno == EPERM ? .limited : .refused(errno)
    }
    guard isUnlimited else {
      munlockall()
      return .limited
    }
    return .locked
  }

  /// Whether more may be locked than the limit allows, with `CAP_IPC_LOCK` or without a limit.
  ///
  /// Only the kernel knows, so it is asked for one page more than that.
  private static var isUnlimited: Bool {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue), &limit) == 0 else {
      return false
    }
    // RLIM_INFINITY, which Swift does not import.
    if limit.rlim_cur == rlim_t.max { return true }
    let (length, isOver) = Int(clamping: limit.rlim_cur).addingReportingOverflow(4_096)
    if isOver { return false }
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    let place = unsafe mmap(nil, length, PROT_NONE, flags, -1, 0)
    guard let place = unsafe place, unsafe place != MAP_FAILED else { return false }
    unsafe munmap(place, length)
    return true
  }
}
