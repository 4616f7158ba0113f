import Glibc

/// Writes to the standard streams; a stream that is gone is nobody's problem.
enum Terminal {
  /// Writes a line to standard output.
  static func say(_ text: String) {
    write(text + "\n", to: STDOUT_FILENO)
  }

  /// Writes a line to standard error.
  static func complain(_ text: String) {
    write(text + "\n", to: STDERR_FILENO)
  }

  /// Writes text as a whole, in one call if the stream takes it, so that lines stay whole.
  static func write(_ text: String, to descriptor: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}

/// The environment of this process.
enum Environment {
  /// All variables by name.
  static func all() -> [String: String] {
    var variables: [String: String] = [:]
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      let parts = unsafe String(cString: text).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
      unsafe entry += 1
    }
    return variables
  }
}
