import Foundation
import Glibc
import RESP

/// A server on 127.0.0.1 that answers each command as a test wants, on threads of its own.
final class TalkingServer: Sendable {
  /// Answers a command.
  typealias Answer = @Sendable (_ words: [String], _ writer: inout RESPWriter) -> Void

  /// The port.
  let port: UInt16
  private let listener: Int32

  /// Listens; what `greeting` has is said to everybody who comes, who is then left.
  init(greeting: String? = nil, _ answer: @escaping Answer) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe bind(listener, pointer, length) == 0 && listen(listener, 8) == 0
          && getsockname(listener, pointer, &length) == 0
      }
    }
    guard isListening else { throw POSIXError(.EADDRINUSE) }
    self.listener = listener
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread {
      while true {
        let client = accept(listener, nil, nil)
        guard client >= 0 else { break }
        if let greeting {
          _ = unsafe Glibc.send(client, greeting, greeting.utf8.count, Int32(MSG_NOSIGNAL))
          close(client)
        } else {
          Thread.detachNewThread { Self.talk(client, answer) }
        }
      }
      close(listener)
    }
  }

  deinit {
    // Ends accept(2); who waits there closes it, so that nobody else's socket gets its number before.
    shutdown(listener, Int32(SHUT_RDWR))
  }

  private static func talk(_ client: Int32, _ answer: Answer) {
    defer { close(client) }
    var parser = RESPCommandParser()
    var chunk = [UInt8](repeating: 0, count: 4_096)
    while true {
      let count = unsafe recv(client, &chunk, chunk.count, 0)
      guard count > 0 else { return }
      parser.append(chunk[..<count])
      while let words = try? parser.next() {
        var writer = RESPWriter()
        answer(words, &writer)
        _ = unsafe Glibc.send(client, writer.bytes, writer.bytes.count, Int32(MSG_NOSIGNAL))
      }
    }
  }
}

extension RESPWriter {
  /// Names and values as Sentinel sends them.
  mutating func pairs(_ fields: [(String, String)]) {
    array(count: fields.count * 2)
    for (name, value) in fields {
      bulkString(name)
      bulkString(value)
    }
  }
}
