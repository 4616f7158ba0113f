import Glibc

/// An open descriptor that closes when its owner goes away.
struct FileDescriptor: ~Copyable {
  let number: Int32

  init(_ number: Int32) {
    self.number = number
  }

  deinit {
    close(number)
  }

  /// Waits until the descriptor is readable or writable; poll(2).
  ///
  /// - Returns: false if the time passed before.
  func wait(for events: Int32, timeoutMilliseconds: Int) -> Bool {
    var entry = pollfd(fd: number, events: Int16(truncatingIfNeeded: events), revents: 0)
    return unsafe poll(&entry, 1, Int32(max(0, timeoutMilliseconds))) > 0
  }

  /// Reads what is there, at most 64 KiB; an empty array is the end of the stream; read(2).
  func read(_ object: String) throws(LabError) -> [UInt8] {
    var failed = false
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
      let result = unsafe Glibc.read(number, buffer.baseAddress, buffer.count)
      failed = result < 0
      count = max(0, result)
    }
    if failed { throw systemCallError("read", object) }
    return bytes
  }

  /// Writes all bytes; the caller sends little enough to fit the kernel's buffer; write(2).
  func write(_ bytes: [UInt8], _ object: String) throws(LabError) {
    var sent = 0
    while sent < bytes.count {
      let result = unsafe bytes[sent...].withUnsafeBytes { rest in
        unsafe Glibc.write(number, rest.baseAddress, rest.count)
      }
      if result < 0 && errno == EINTR { continue }
      if result < 0 { throw systemCallError("write", object) }
      sent += result
    }
  }
}
