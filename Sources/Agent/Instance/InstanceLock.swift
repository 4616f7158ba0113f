import Configuration
import Control
import Glibc
import Platform

/// What lets one daemon at a time use a state directory.
///
/// flock(2) on the directory itself. The kernel lets go of it when the process ends, however that
/// happens: a crash leaves nothing behind, and a restart waits for nothing. It takes no right to write
/// and no room on the disk, and it stays when somebody empties the directory.
final class InstanceLock: Sendable {
  /// Why there is no lock.
  enum Failure: Error, Equatable {
    /// Another process has it; nil where the kernel does not say which.
    case held(by: Int32?)
    /// The directory can't be locked, because it is not there or its file system has no locks.
    case unavailable(FileProblem)
  }

  private let descriptor: Int32

  /// Takes the lock on a directory; it is held as long as the value exists.
  init(_ directory: String) throws(Failure) {
    descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unavailable(FileProblem("open", directory)) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) != 0 else { return }
    let problem = FileProblem("lock", directory)
    // The initializer fails after the descriptor was stored, so `deinit` closes it.
    guard problem.code == EWOULDBLOCK else { throw .unavailable(problem) }
    throw .held(by: Self.holder(of: descriptor))
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  private static func holder(of descriptor: Int32) -> Int32? {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0,
      let table = SmallFile.text(at: "/proc/locks")
    else { return nil }
    return holder(ofInode: UInt64(status.st_ino), onDevice: UInt64(status.st_dev), in: table)
  }

  /// The process that has the lock on a file, by the kernel's table (proc_locks(5)).
  ///
  /// Some file systems, as btrfs, tell programs another device than the table shows; there the inode
  /// has to be enough.
  ///
  /// - Returns: nil where the table does not say.
  static func holder(
    ofInode inode: UInt64, onDevice device: UInt64, in table: String
  ) -> Int32? {
    let holders = table.split(separator: "\n").compactMap { line -> (device: String, pid: Int32)? in
      // `1: FLOCK  ADVISORY  WRITE 4242 fe:00:1625 0 EOF`; whoever waits has `->` before the kind.
      let words = line.split(separator: " ")
      guard words.count > 5, words[1] == "FLOCK", let pid = Int32(words[4]), pid > 0 else {
        return nil
      }
      let place = words[5].split(separator: ":")
      guard place.count == 3, UInt64(place[2]) == inode else { return nil }
      return ("\(place[0]):\(place[1])", pid)
    }
    let exact = holders.first { $0.device == text(ofDevice: device) }
    return exact?.pid ?? (holders.count == 1 ? holders[0].pid : nil)
  }

  /// A device as the table writes it: major and minor number in hexadecimal (makedev(3)).
  private static func text(ofDevice device: UInt64) -> String {
    let major = device >> 8 & 0xfff | device >> 32 & 0xffff_f000
    let minor = device & 0xff | device >> 12 & 0xffff_ff00
    return [major, minor].map { number in
      let digits = String(number, radix: 16)
      return digits.utf8.count < 2 ? "0" + digits : digits
    }.joined(separator: ":")
  }
}

extension InstanceLock {
  /// Takes the lock of a configuration for a program that is no daemon.
  ///
  /// - Returns: nil where the directory can't be locked.
  /// - Throws: if a daemon is at work with the state directory or a socket of this configuration.
  static func sole(of configuration: Configuration) throws(AnotherInstance) -> InstanceLock? {
    let directory = configuration.stateDirectory
    var lock: InstanceLock?
    do throws(Failure) {
      lock = try InstanceLock(directory)
    } catch {
      if case .held(let processID) = error {
        throw AnotherInstance(possession: .stateDirectory(directory), processID: processID)
      }
    }
    let sockets = [("control", configuration.controlPath), ("hook", configuration.hookPath)]
    for (directive, path) in sockets {
      guard case .process(let processID) = SocketFile.occupant(of: path) else { continue }
      throw AnotherInstance(
        possession: .socket(path, directive: directive), processID: processID)
    }
    return lock
  }
}
