import Foundation
import Glibc

/// Wall clocks that a lab can set, of one program at a time.
///
/// The machine has one wall clock for all, which is nobody's to set. So a small library stands
/// before the C library's (ld.so(8), `LD_PRELOAD`) and adds seconds that a file holds. Debian's
/// libfaketime does not get along with the allocator of Redis.
extension Laboratory {
  /// The library's source: the three ways to ask for the wall clock.
  private static let clockSource = """
    #define _GNU_SOURCE
    #include <fcntl.h>
    #include <stdlib.h>
    #include <sys/mman.h>
    #include <sys/syscall.h>
    #include <sys/time.h>
    #include <time.h>
    #include <unistd.h>

    static const volatile long long *offset;

    __attribute__((constructor)) static void open_offset(void) {
      const char *path = getenv("LAB_CLOCK");
      int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
      if (file < 0) return;
      void *page = mmap(0, sizeof *offset, PROT_READ, MAP_SHARED, file, 0);
      close(file);
      if (page != MAP_FAILED) offset = page;
    }

    int clock_gettime(clockid_t clock, struct timespec *time) {
      int result = syscall(SYS_clock_gettime, clock, time);
      if (result == 0 && offset && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        time->tv_sec += *offset;
      return result;
    }

    int gettimeofday(struct timeval *restrict time, void *restrict zone) {
      int result = syscall(SYS_gettimeofday, time, zone);
      if (result == 0 && offset) time->tv_sec += *offset;
      return result;
    }

    time_t time(time_t *store) {
      struct timespec now;
      clock_gettime(CLOCK_REALTIME, &now);
      if (store) *store = now.tv_sec;
      return now.tv_sec;
    }

    """

  private var clockLibrary: String { "\(directory)/clock.so" }

  /// The variables by which a program gets a clock that can be set.
  func clockEnvironment(_ part: Part, on host: LabHost) throws(LabError) -> [String: String] {
    if !FileManager.default.fileExists(atPath: clockLibrary) {
      let source = "\(directory)/clock.c"
      try writeFile(source, Laboratory.clockSource)
      try Subprocess(["clang", "-O2", "-shared", "-fPIC", "-o", clockLibrary, source]).run()
    }
    if !FileManager.default.fileExists(atPath: host.clockFile(part)) {
      try setClock(host.clockFile(part), seconds: 0)
    }
    return ["LD_PRELOAD": clockLibrary, "LAB_CLOCK": host.clockFile(part)]
  }

  /// Sets the wall clocks of programs of a host, all at once but for microseconds.
  ///
  /// - Parameters:
  ///   - parts: whose.
  ///   - number: the host.
  ///   - seconds: by how much they are ahead of the machine's from now on.
  /// - Returns: the moment just before.
  /// - Throws: ``LabError`` if the plan has no such clocks.
  @discardableResult
  public func stepClock(
    of parts: [Part], on number: Int, seconds: Int64
  ) throws(LabError) -> Stamp {
    guard plan.hasSteppableClocks else { throw .refused("this lab's clocks can't be set") }
    let host = try host(number)
    let stamp = Stamp.now()
    for part in parts { try setClock(host.clockFile(part), seconds: seconds) }
    return stamp
  }

  private func setClock(_ path: String, seconds: Int64) throws(LabError) {
    let file = unsafe FileDescriptor(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644))
    if file.number < 0 { throw systemCallError("open", path) }
    let word = UInt64(bitPattern: seconds)
    try file.write((0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }, path)
  }
}
