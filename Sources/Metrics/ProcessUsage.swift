import Glibc
import Platform

/// What the process uses, as every Prometheus client names it.
struct ProcessUsage: Equatable, Sendable {
  /// When it started, in nanoseconds since 1970.
  var startedAt: Int64
  /// User and system time, in seconds.
  var cpuSeconds: Double
  /// Memory that is resident, in bytes; nothing if `/proc` can't be read.
  var residentBytes: Int?
  /// Address space, in bytes.
  var virtualBytes: Int?
  /// Descriptors that are open; nothing on a kernel before 6.2, which does not say.
  var openDescriptors: Int?
  /// Descriptors that may be open.
  var maxDescriptors: Int?

  /// Writes the families.
  func write(to text: inout MetricsText) {
    text.family(
      "process_cpu_seconds_total", .counter, "User and system time that was spent, in seconds.")
    text.sample(cpuSeconds)
    text.family(
      "process_start_time_seconds", .gauge, "When the process started, in seconds since 1970.")
    text.sample((Double(startedAt) / 1e6).rounded() / 1e3)
    write("process_resident_memory_bytes", "Resident memory, in bytes.", residentBytes, to: &text)
    write("process_virtual_memory_bytes", "Address space, in bytes.", virtualBytes, to: &text)
    write("process_open_fds", "Open descriptors.", openDescriptors, to: &text)
    write("process_max_fds", "Descriptors that may be open.", maxDescriptors, to: &text)
  }

  private func write(_ name: String, _ help: String, _ value: Int?, to text: inout MetricsText) {
    guard let value else { return }
    text.family(name, .gauge, help)
    text.sample(value)
  }
}

extension ProcessUsage {
  /// What this process uses now (getrusage(2), proc(5)); some microseconds.
  static func current(startedAt: Int64) -> ProcessUsage {
    var usage = rusage()
    _ = unsafe getrusage(RUSAGE_SELF.rawValue, &usage)
    let microseconds =
      Int(usage.ru_utime.tv_usec) + Int(usage.ru_stime.tv_usec)
      + (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1_000_000
    var limit = rlimit()
    let hasLimit = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
    // Pages: the address space, then what of it is resident.
    let pages = SmallFile.text(at: "/proc/self/statm")?.split(separator: " ") ?? []
    let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
    var directory = stat()
    // Since Linux 6.2 the size of this directory is the number of its entries.
    let hasCount = unsafe stat("/proc/self/fd", &directory) == 0 && directory.st_size > 0
    return ProcessUsage(
      startedAt: startedAt, cpuSeconds: Double(microseconds) / 1e6,
      residentBytes: pages.count > 1 ? Int(pages[1]).map { $0 * pageSize } : nil,
      virtualBytes: pages.first.flatMap { Int($0) }.map { $0 * pageSize },
      openDescriptors: hasCount ? Int(directory.st_size) : nil,
      maxDescriptors: hasLimit && limit.rlim_cur < Int64.max ? Int(limit.rlim_cur) : nil)
  }
}
