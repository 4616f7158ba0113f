import CHook

/// Where things are unless the environment says otherwise.
enum Defaults {
  private static func path(_ text: StaticString) -> UnsafePointer<CChar> {
    unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
  }

  /// `hook` in the configuration.
  static var hookSocket: UnsafePointer<CChar> { unsafe path("/run/vipd/hook.sock") }
  /// The configuration file.
  static var configuration: UnsafePointer<CChar> { unsafe path("/etc/vipd/vipd.conf") }
  /// The daemon.
  static var daemon: UnsafePointer<CChar> { unsafe path("/usr/bin/vipd") }
  /// What makes the daemon decide once and end.
  static var once: UnsafePointer<CChar> { unsafe path("--once") }

  /// A path from the environment, or the default.
  static func path(
    from variable: StaticString, or standard: UnsafePointer<CChar>
  ) -> UnsafePointer<CChar> {
    guard let value = unsafe getenv(path(variable)) else { return unsafe standard }
    return unsafe UnsafePointer(value)
  }
}

/// Acting without a daemon, where the configuration allows it.
enum Daemonless {
  /// The longest configuration that is read.
  private static let maxText = 1 << 20

  /// Whether the file says `daemonless yes`, and this process may change addresses.
  static func isAllowed() -> Bool {
    guard chook_has_capability(CAP_NET_ADMIN) == 1 else { return false }
    return says(readConfiguration())
  }

  /// Becomes `vipd --once` with the words after the program's name; returns only if that fails.
  static func become(count: Int, words: Words) {
    let daemon = unsafe Defaults.path(from: "VIPD_DAEMON", or: Defaults.daemon)
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe []
    unsafe arguments.append(UnsafeMutablePointer(mutating: daemon))
    unsafe arguments.append(UnsafeMutablePointer(mutating: Defaults.once))
    for index in 1..<count { unsafe arguments.append(words[index]) }
    unsafe arguments.append(nil)
    unsafe execv(daemon, arguments)
    unsafe Console.complain("no daemon runs, and this can't be run instead:", " ", daemon)
  }

  /// Whether a configuration has one line `daemonless yes` and no other that begins so.
  private static func says(_ text: [UInt8]) -> Bool {
    var answer: Bool?
    for line in text.split(separator: 0x0a, omittingEmptySubsequences: true) {
      var scanner = WordScanner(line: Array(line))
      guard scanner.skipToWord() != nil, case .success(let name) = scanner.scanWord(),
        equals(name, "daemonless")
      else { continue }
      guard answer == nil, scanner.skipToWord() != nil,
        case .success(let value) = scanner.scanWord(), scanner.skipToWord() == nil
      else { return false }
      answer = equals(value, "yes")
    }
    return answer ?? false
  }

  private static func equals(_ bytes: [UInt8], _ text: StaticString) -> Bool {
    guard bytes.count == text.utf8CodeUnitCount else { return false }
    for index in bytes.indices {
      guard unsafe bytes[index] == text.utf8Start[index] else { return false }
    }
    return true
  }

  /// The text of the configuration; empty if it can't be read or is too long.
  private static func readConfiguration() -> [UInt8] {
    let path = unsafe Defaults.path(from: "VIPD_CONFIG", or: Defaults.configuration)
    // O_NONBLOCK: a FIFO in its place must not hold the hook.
    let descriptor = unsafe chook_open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var text: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16384)
    while text.count <= maxText {
      let count = unsafe chunk.withUnsafeMutableBytes { buffer in
        unsafe read(descriptor, buffer.baseAddress, buffer.count)
      }
      guard count > 0 else { return count == 0 ? text : [] }
      text.append(contentsOf: chunk[..<count])
    }
    return []
  }
}
