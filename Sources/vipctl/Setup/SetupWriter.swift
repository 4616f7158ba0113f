import FoundationEssentials
import Glibc

/// Puts a new configuration in the place of the old one, as a whole or not at all.
struct SetupWriter {
  /// The path of the configuration; what a link there leads to.
  let path: String

  init(path: String) {
    // Allocated by realpath(3).
    let target = unsafe realpath(path, nil)
    self.path = unsafe target.map { unsafe String(cString: $0) } ?? path
    unsafe free(target)
  }

  /// The text that is there; nothing where there is no file.
  ///
  /// - Throws: the system's words, where it can't be read.
  func current() throws(ServerProblem) -> String? {
    guard unsafe access(path, F_OK) == 0 || errno != ENOENT else { return nil }
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw .unreachable(
        unsafe access(path, R_OK) == 0 ? "it is no text" : ServerClient.text(of: errno))
    }
    return text
  }

  /// Writes a text, if the file is still what it was; the backup's path, where there was a file.
  func write(_ text: String, insteadOf old: String?) throws(Failure) -> String? {
    try makeDirectory()
    let draft = "\(path).new-\(getpid())"
    try put(text, into: draft, like: old == nil ? nil : path)
    if let problem = VipdCheck.errors(in: draft) {
      _ = unsafe unlink(draft)
      throw Failure(status: .failed, text: "vipd can't use what would be written:\n\(problem)")
    }
    guard (try? current()) == .some(old) else {
      _ = unsafe unlink(draft)
      throw Failure(status: .failed, text: "\(path) has changed meanwhile: run this again")
    }
    var backup: String?
    if let old {
      let copy = freeName()
      try put(old, into: copy, like: path)
      backup = copy
    }
    guard unsafe rename(draft, path) == 0 else {
      let error = errno
      _ = unsafe unlink(draft)
      throw Failure(status: .failed, text: "can't replace \(path): \(ServerClient.text(of: error))")
    }
    return backup
  }

  /// Puts back what was there.
  func restore(_ backup: String?) {
    if let backup {
      _ = unsafe rename(backup, path)
    } else {
      _ = unsafe unlink(path)
    }
  }

  private func makeDirectory() throws(Failure) {
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
      separator: "/")
    guard !folder.isEmpty, unsafe mkdir(folder, 0o755) != 0, errno != EEXIST else { return }
    throw Failure(status: .failed, text: "can't make \(folder): \(ServerClient.text(of: errno))")
  }

  /// `vipd.conf.bak-20261130-210000`, with a number behind it where that is taken.
  private func freeName() -> String {
    var now = time(nil)
    // tm has a pointer to the name of a time zone, which is not read here.
    var parts = unsafe tm()
    unsafe gmtime_r(&now, &parts)
    var buffer = [CChar](repeating: 0, count: 32)
    let length = unsafe strftime(&buffer, buffer.count, "%Y%m%d-%H%M%S", &parts)
    let bytes = buffer.prefix(length).map { UInt8(bitPattern: $0) }
    let name = "\(path).bak-\(String(decoding: bytes, as: UTF8.self))"
    let names = [name] + (2...99).map { "\(name)-\($0)" }
    return names.first { unsafe access($0, F_OK) != 0 } ?? name
  }

  /// Writes a file that is on the disk before anybody looks; owner and mode are those of another, or
  /// those that the package gives: root's, and open to all, for no secret is in it.
  private func put(_ text: String, into file: String, like model: String?) throws(Failure) {
    let descriptor = unsafe open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      let error = errno
      let hint = [EACCES, EPERM].contains(error) ? "\nRun this as root." : ""
      throw Failure(
        status: .failed, text: "can't write \(file): \(ServerClient.text(of: error))\(hint)")
    }
    var status = stat()
    let hasModel = model.map { unsafe stat($0, &status) == 0 } ?? false
    if hasModel { _ = fchown(descriptor, status.st_uid, status.st_gid) }
    _ = fchmod(descriptor, hasModel ? status.st_mode & 0o777 : 0o644)
    var problem = Output(descriptor: descriptor).put(text)
    if problem == nil, fsync(descriptor) != 0 { problem = errno }
    close(descriptor)
    guard let problem else { return }
    _ = unsafe unlink(file)
    throw Failure(status: .failed, text: "can't write \(file): \(ServerClient.text(of: problem))")
  }
}

/// `vipd --check`, by the vipd that lies beside this program.
enum VipdCheck {
  private static var program: String {
    var path = [CChar](repeating: 0, count: 4_096)
    let length = unsafe readlink("/proc/self/exe", &path, path.count)
    let bytes = path.prefix(max(0, length)).map { UInt8(bitPattern: $0) }
    let own = String(decoding: bytes, as: UTF8.self)
    let beside = own.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/vipd"
    return unsafe access(beside, X_OK) == 0 ? beside : "vipd"
  }

  /// What is wrong with a file; nothing if it is in order, or if there is no vipd to ask.
  static func errors(in path: String) -> String? {
    let call = ProgramCall(program: program, arguments: ["--check", "--config", path])
    guard let ending = call.run(), ending.status != 0 else { return nil }
    return ending.output
  }

  /// What would keep a text from working on this host, as sentences.
  static func warnings(of text: String) -> [String] {
    let name = "/dev/stdin"
    let call = ProgramCall(
      program: program, arguments: ["--check", "--config", name], input: text)
    let lines = call.run()?.output.split(separator: "\n") ?? []
    let mark = "on this host: "
    return lines.filter { $0.hasPrefix(mark) && !$0.contains(name) }.map {
      String($0.dropFirst(mark.count))
    }
  }
}
