import Glibc

/// Reads and replaces small files; every call blocks, so none belongs on the event loop.
package enum SmallFile {
  /// The most that is read of a file.
  static let limit = 1 << 20

  /// The text of a file without the white space around it; nothing if it can't be read.
  package static func text(at path: String) -> String? {
    guard case .success(let bytes) = read(path) else { return nil }
    let text = bytes.drop { $0 <= 32 }
    let end = text.lastIndex { $0 > 32 }.map { $0 + 1 } ?? text.startIndex
    return String(decoding: text[..<end], as: UTF8.self)
  }

  /// The bytes of a file, or the errno of the call that failed.
  package static func read(_ path: String) -> Result<[UInt8], FileProblem> {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return .failure(FileProblem("read", path)) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4_096)
    while bytes.count < limit {
      let count = unsafe chunk.withUnsafeMutableBytes {
        unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 {
        if errno == EINTR { continue }
        return .failure(FileProblem("read", path))
      }
      if count == 0 { break }
      bytes += chunk[..<count]
    }
    return .success(bytes)
  }

  /// The paths that a pattern means, braces included (glob(3)).
  package static func paths(matching pattern: String) -> [String] {
    var found = unsafe glob_t()
    defer { unsafe globfree(&found) }
    guard unsafe glob(pattern, GLOB_BRACE, nil, &found) == 0 else { return [] }
    return (0..<Int(unsafe found.gl_pathc)).compactMap { index in
      unsafe found.gl_pathv[index].map { unsafe String(cString: $0) }
    }
  }

  /// The names in a directory, in no order; none if it can't be read (readdir(3)).
  package static func names(in directory: String) -> [String] {
    guard let stream = unsafe opendir(directory) else { return [] }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
          unsafe String(cString: $0)
        }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// Replaces a file as a whole, or removes it; says what went wrong.
  ///
  /// One that is to last is on the disk before it takes the place of the old one (fsync(2)).
  package static func replace(
    _ path: String, with content: [UInt8]?, isLasting: Bool = true
  ) -> String? {
    guard let content else {
      guard unsafe unlink(path) == 0 || errno == ENOENT else {
        return FileProblem("remove", path).description
      }
      return nil
    }
    let draft = path + ".new"
    let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return FileProblem("write", draft).description }
    let isWritten =
      writeAll(content, to: descriptor) && (!isLasting || fsync(descriptor) == 0)
    let problem = isWritten ? nil : FileProblem("write", draft).description
    close(descriptor)
    if let problem {
      _ = unsafe unlink(draft)
      return problem
    }
    guard unsafe rename(draft, path) == 0 else { return FileProblem("replace", path).description }
    return nil
  }

  /// Writes all of some bytes; false with an errno if that failed.
  package static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}

/// A call on a file that failed, with its errno.
package struct FileProblem: Error, Equatable, CustomStringConvertible {
  let action: String
  let path: String
  package let code: Int32

  package init(_ action: String, _ path: String) {
    self.action = action
    self.path = path
    code = errno
  }

  package var description: String {
    "can't \(action) \(path): \(unsafe String(cString: strerror(code)))"
  }
}
