import Glibc

/// What the tight writer needs beyond ordinary commands: few system calls, no parsing.
extension RESPConnection {
  /// The host whose server is at the other end; nothing if that can't be told.
  ///
  /// The lab's processes share one numbering, and a server works in its host's directory, so its
  /// process number tells the host; `CONFIG GET dir` would too, but may be forbidden.
  func serverHost(timeoutMilliseconds: Int) throws(LabError) -> Int? {
    let reply = try command("INFO", "server", timeoutMilliseconds: timeoutMilliseconds)
    let line = reply.text?.split(whereSeparator: \.isNewline).first { $0.hasPrefix("process_id:") }
    guard let number = line?.split(separator: ":").last else { return nil }
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = unsafe readlink("/proc/\(number)/cwd", &path, path.count)
    guard length > 0 else { return nil }
    let directory = String(decoding: path[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return directory.split(separator: "/").last.flatMap { Int($0.dropFirst()) }
  }

  /// Lets reads and writes of ``exchange(_:)`` wait by themselves, up to a time; socket(7).
  func makeBlocking(timeoutMilliseconds: Int) throws(LabError) {
    let flags = fcntl(socket.number, F_GETFL)
    guard fcntl(socket.number, F_SETFL, flags & ~O_NONBLOCK) == 0 else {
      throw systemCallError("fcntl", name)
    }
    var time = timeval(
      tv_sec: timeoutMilliseconds / 1000, tv_usec: suseconds_t(timeoutMilliseconds % 1000) * 1000)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      let result = unsafe setsockopt(
        socket.number, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
      if result != 0 { throw systemCallError("setsockopt", name) }
    }
  }

  /// Sends an inline command and waits for an answer of one line.
  ///
  /// - Returns: the answer's first byte; of an error, ``errorWord`` is the leading word.
  func exchange(_ command: String) throws(LabError) -> UInt8 {
    var command = command
    let sent = command.withUTF8 { bytes in
      unsafe Glibc.send(socket.number, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
    }
    if sent != command.utf8.count { throw timeOrError("send") }
    var count = 0
    while count == 0 || answer[count - 1] != UInt8(ascii: "\n") {
      guard count < answer.count else { throw .unexpectedReply("an answer without an end") }
      let received = unsafe answer.withUnsafeMutableBytes { buffer in
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
        return unsafe recv(socket.number, rest.baseAddress, rest.count, 0)
      }
      if received == 0 { throw .connectionClosed }
      if received < 0 { throw timeOrError("recv") }
      count += received
    }
    if answer[0] == UInt8(ascii: "-") {
      let word = answer[1..<count].prefix { $0 > UInt8(ascii: " ") }
      errorWord = String(decoding: word, as: UTF8.self).lowercased()
    }
    return answer[0]
  }

  private func timeOrError(_ name: String) -> LabError {
    errno == EAGAIN || errno == EWOULDBLOCK
      ? .timedOut(waitingFor: "a reply from \(self.name)") : systemCallError(name, self.name)
  }
}
