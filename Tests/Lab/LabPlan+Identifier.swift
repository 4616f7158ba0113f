import Glibc
import Synchronization

/// How many names this process has given out.
private let counter = Mutex(0)

/// A name made of this process's number and, after the first, a letter.
func freshIdentifier() -> String {
  let count = counter.withLock { count in
    count += 1
    return count
  }
  return count == 1 ? "\(getpid())" : "\(getpid())x\(count)"
}
