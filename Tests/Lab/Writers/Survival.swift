/// Acknowledged writes that the surviving data doesn't have.
public struct Losses: Equatable, Sendable {
  /// How many.
  public var count = 0
  /// When the first of them was acknowledged, at the latest.
  public var first: Stamp?
  /// When the last of them was acknowledged, at the latest.
  public var last: Stamp?

  /// Nothing lost.
  public init() {}

  /// The losses of several connections together.
  static func + (left: Losses, right: Losses) -> Losses {
    var sum = left
    sum.count += right.count
    sum.first = [left.first, right.first].compactMap(\.self).min()
    sum.last = [left.last, right.last].compactMap(\.self).max()
    return sum
  }

  /// A few words with times since a moment.
  func text(since stamp: Stamp) -> String {
    guard let first, let last else { return "nothing lost" }
    return "\(count) lost, acknowledged \(Int(first.milliseconds(since: stamp))) to "
      + "\(Int(last.milliseconds(since: stamp))) ms after it"
  }
}

extension ConnectionRecord {
  /// Compares what was acknowledged with the bits that are left, from a byte onwards.
  ///
  /// Redis counts bits from the most significant one of the first byte (`bitops.c setbitCommand`).
  func losses(bits: [UInt8], fromByte start: Int) -> Losses {
    var losses = Losses()
    for number in (start * 8)..<min(acknowledged, (start + bits.count) * 8) {
      let byte = bits[number / 8 - start]
      if byte == 0xff { continue }
      if byte & (0x80 >> UInt8(number % 8)) == 0 { losses.add(stamp(of: number)) }
    }
    return losses
  }

  /// Compares every acknowledged write with what a server has.
  ///
  /// The string is read piece by piece, so neither side needs memory for all of it.
  func losses(on connection: RESPConnection) throws(LabError) -> Losses {
    let piece = 32_768
    var losses = Losses()
    for start in stride(from: 0, to: (acknowledged + 7) / 8, by: piece) {
      var bits = try connection.bytes("GETRANGE", key, "\(start)", "\(start + piece - 1)")
      // What was never written there reads as the end of the string.
      bits += [UInt8](repeating: 0, count: piece - bits.count)
      losses = losses + self.losses(bits: bits, fromByte: start)
    }
    return losses
  }
}

extension Losses {
  fileprivate mutating func add(_ stamp: Stamp?) {
    count += 1
    first = first ?? stamp
    last = stamp ?? last
  }
}

extension WriterRecord {
  /// Compares every acknowledged write with what a server has.
  ///
  /// - Throws: ``LabError`` if the server can't be read.
  public func losses(on connection: RESPConnection) throws(LabError) -> Losses {
    var losses = Losses()
    for record in connections { losses = losses + (try record.losses(on: connection)) }
    return losses
  }
}
