import Foundation
import Glibc

/// A client that writes as fast as it is answered, and knows what was acknowledged.
///
/// Each connection sets the bits of a string of its own, one after the other, and goes on to the
/// next bit only when this one is acknowledged. So the acknowledged writes of a connection are the
/// bits 0 to n − 1 without a gap, a million of them cost 125 kB, and a bit that is missing later is
/// a lost write. A write whose answer is unknown is tried again, as any client would.
public struct TightWriter: Sendable {
  let address: String
  let port: UInt16
  let key: String
  let manner: WritingManner

  /// A writer to an address and port.
  ///
  /// - Parameters:
  ///   - address: where to write.
  ///   - port: the TCP port.
  ///   - key: the keys' common beginning; a colon and the connection's number follow.
  ///   - manner: how to write.
  public init(address: String, port: UInt16, key: String, manner: WritingManner) {
    self.address = address
    self.port = port
    self.key = key
    self.manner = manner
  }

  /// The key of a connection.
  static func key(_ name: String, _ connection: Int) -> String { "\(name):\(connection)" }

  /// Writes for ever.
  public func run() {
    printLine("ready")
    for number in 1..<max(1, manner.connections) {
      Thread.detachNewThread { session(number).run() }
    }
    session(0).run()
  }

  private func session(_ number: Int) -> WritingSession {
    WritingSession(
      number: number, address: address, port: port, key: TightWriter.key(key, number),
      manner: manner)
  }
}

/// One of a writer's connections, with those that take its place when it ends.
private final class WritingSession {
  private let number: Int
  private let address: String
  private let port: UInt16
  private let prefix: String
  /// How long a connect and an answer may take.
  private let limit: TimeLimit
  private var timeout: Int { limit.milliseconds }
  private let manner: WritingManner
  /// How many writes have been acknowledged, which is also the number of the next.
  private var count = 0
  private var last = Stamp(nanoseconds: 0)
  private var told = Stamp(nanoseconds: 0)
  private var isTold = true

  init(number: Int, address: String, port: UInt16, key: String, manner: WritingManner) {
    limit = TimeLimit(milliseconds: manner.timeoutMilliseconds)
    self.manner = manner
    self.number = number
    self.address = address
    self.port = port
    prefix = "SETBIT \(key) "
  }

  func run() -> Never {
    while true {
      do throws(LabError) {
        let connection = try open()
        let start = Stamp.now()
        while manner.lifeMilliseconds == 0 || isYoung(start) {
          try write(on: connection)
          if manner.paceMicroseconds > 0 { usleep(UInt32(manner.paceMicroseconds)) }
        }
      } catch {
        tell(.failed(kind: ProbeClient.word(for: error)), at: .now())
      }
      // A refused try costs microseconds; more than one a millisecond would only take the
      // processor from those who are being waited for.
      pause(milliseconds: 1)
    }
  }

  private func isYoung(_ start: Stamp) -> Bool {
    Stamp.now().milliseconds(since: start) < Double(manner.lifeMilliseconds)
  }

  private func open() throws(LabError) -> RESPConnection {
    let connection = try timed { () throws(LabError) in
      try RESPConnection(address: address, port: port, timeoutMilliseconds: timeout)
    }
    let host = try timed { () throws(LabError) in
      try connection.serverHost(timeoutMilliseconds: timeout)
    }
    try connection.makeBlocking(timeoutMilliseconds: timeout)
    tell(.opened(host: host), at: .now())
    return connection
  }

  private func write(on connection: RESPConnection) throws(LabError) {
    let answer = try timed { () throws(LabError) in
      try connection.exchange("\(prefix)\(count) 1\r\n")
    }
    // The answer is the bit's old value: 1 if an earlier try had come through unheard.
    if answer == UInt8(ascii: ":") { return acknowledge() }
    let kind = connection.errorWord
    guard ["noreplicas", "loading", "busy", "misconf"].contains(kind) else {
      // As a client that was told that it speaks to the wrong server, or nonsense.
      throw .unexpectedReply(kind)
    }
    tell(.failed(kind: kind), at: .now())
    pause(milliseconds: 1)
  }

  private func acknowledge() {
    let now = Stamp.now()
    if now.milliseconds(since: last) > 2 { tellLast() }
    count += 1
    last = now
    isTold = false
    if now.milliseconds(since: told) >= 2 { tellLast() }
  }

  private func tellLast() {
    if isTold { return }
    isTold = true
    told = last
    printLine(WriterLine.acknowledged(count: count).text(connection: number, at: last))
  }

  /// Tells something else; the next acknowledged write is told by itself.
  private func tell(_ line: WriterLine, at stamp: Stamp) {
    tellLast()
    told = Stamp(nanoseconds: 0)
    printLine(line.text(connection: number, at: stamp))
  }

  private func timed<Outcome>(
    _ step: () throws(LabError) -> Outcome
  ) throws(LabError) -> Outcome {
    try limit.run(
      reporting: { tell(.overran(milliseconds: Int($0.milliseconds)), at: $0.stamp) }, step)
  }
}
