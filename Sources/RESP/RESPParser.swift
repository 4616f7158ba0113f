/// Cuts a stream of bytes into values.
///
/// It is fed whatever arrives, and gives out a value once it is whole. What it holds is bounded
/// by the limits; after an error it stays failed, for the boundary of the next value is lost.
public struct RESPParser: Sendable {
  private var buffer: [UInt8] = []
  /// Where the bytes begin that have not been given out.
  private var consumed = 0
  private var scanner: RESPScanner
  private var failure: RESPError?

  /// Makes a parser that has read nothing.
  public init(limits: RESPLimits = RESPLimits()) {
    scanner = RESPScanner(limits: limits)
  }

  /// The number of bytes that belong to no complete value yet.
  public var pendingBytes: Int { buffer.count - consumed }

  /// Takes in bytes.
  ///
  /// Ask `next()` for every value in them before feeding more.
  public mutating func append(_ bytes: some Sequence<UInt8>) {
    guard makeRoom() else { return }
    buffer.append(contentsOf: bytes)
  }

  /// Takes in bytes out of memory, as what a socket gave lies there.
  public mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard makeRoom() else { return }
    unsafe buffer.append(contentsOf: bytes)
  }

  /// Gives up what was given out; false if what is to come is of no use any more.
  private mutating func makeRoom() -> Bool {
    guard failure == nil else { return false }
    if consumed == buffer.count {
      buffer.removeAll(keepingCapacity: buffer.capacity <= 1 << 16)
      consumed = 0
    } else if consumed > 1 << 12 {
      buffer.removeFirst(consumed)
      consumed = 0
    }
    return true
  }

  /// The next complete value, or nothing if more bytes are needed.
  public mutating func next() throws(RESPError) -> RESPToken? {
    if let failure { throw failure }
    do throws(RESPError) {
      let pending = buffer[consumed...]
      guard !pending.isEmpty, let length = try scanner.scan(pending) else { return nil }
      consumed += length
      return RESPToken(checked: pending.prefix(length))
    } catch {
      failure = error
      buffer = []
      consumed = 0
      throw error
    }
  }

  /// The first byte that belongs to no value given out, to tell an inline command by.
  var firstPendingByte: UInt8? {
    consumed < buffer.count ? buffer[consumed] : nil
  }

  /// Takes a line that ends in LF out of the stream, without it and without a CR before it.
  mutating func takeInlineLine(limit: Int) throws(RESPError) -> ArraySlice<UInt8>? {
    if let failure { throw failure }
    let pending = buffer[consumed...]
    guard let end = pending.prefix(limit).firstIndex(of: RESPLine.lineFeed) else {
      guard pending.count < limit else {
        failure = .tooLong(limit: limit)
        throw .tooLong(limit: limit)
      }
      return nil
    }
    consumed = end + 1
    let line = pending[..<end]
    return line.last == RESPLine.carriageReturn ? line.dropLast() : line
  }
}
