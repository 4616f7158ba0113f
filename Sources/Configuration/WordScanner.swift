/// Reads one line of a configuration file byte by byte.
///
/// This file is also part of the hook, so that both understand a line alike; it uses nothing that
/// Embedded Swift doesn't have.
struct WordScanner {
  /// Where and why a word could not be read.
  struct Failure: Error {
    var offset: Int
    var bytes: [UInt8]
    var message: StaticString
  }

  let line: [UInt8]
  private var index = 0

  init(line: [UInt8]) {
    self.line = line
  }

  /// The column of a byte: characters before it plus one.
  func column(of offset: Int) -> Int {
    1 + line[..<offset].count { $0 & 0xc0 != 0x80 }
  }

  /// Moves to the start of the next word; nothing at the end or at a comment.
  mutating func skipToWord() -> Int? {
    while index < line.count, Self.isBlank(line[index]) { index += 1 }
    guard index < line.count, line[index] != UInt8(ascii: "#") else { return nil }
    return index
  }

  /// Reads a word, with every quoted part in it.
  mutating func scanWord() -> Result<[UInt8], Failure> {
    var bytes: [UInt8] = []
    while index < line.count, !Self.isBlank(line[index]) {
      let byte = line[index]
      index += 1
      guard byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") else {
        bytes.append(byte)
        continue
      }
      let opening = index - 1
      guard scanQuoted(until: byte, into: &bytes) else {
        return .failure(
          Failure(offset: opening, bytes: bytes, message: "expected a closing quote"))
      }
      guard index == line.count || Self.isBlank(line[index]) else {
        return .failure(
          Failure(offset: index, bytes: bytes, message: "expected a blank after the closing quote"))
      }
    }
    return .success(bytes)
  }

  /// Reads to the closing quote; false if there is none.
  private mutating func scanQuoted(until quote: UInt8, into bytes: inout [UInt8]) -> Bool {
    while index < line.count {
      let byte = line[index]
      index += 1
      if byte == quote { return true }
      guard byte == UInt8(ascii: "\\"), index < line.count else {
        bytes.append(byte)
        continue
      }
      if quote == UInt8(ascii: "\"") {
        bytes.append(scanEscape())
      } else if line[index] == quote {
        bytes.append(quote)
        index += 1
      } else {
        bytes.append(byte)
      }
    }
    return false
  }

  /// Reads what follows a backslash in double quotes; there is at least one byte.
  private mutating func scanEscape() -> UInt8 {
    let byte = line[index]
    index += 1
    switch byte {
    case UInt8(ascii: "n"): return 0x0a
    case UInt8(ascii: "r"): return 0x0d
    case UInt8(ascii: "t"): return 0x09
    case UInt8(ascii: "b"): return 0x08
    case UInt8(ascii: "a"): return 0x07
    case UInt8(ascii: "x"):
      guard index + 1 < line.count, let high = Self.hexDigit(line[index]),
        let low = Self.hexDigit(line[index + 1])
      else { return byte }
      index += 2
      return high << 4 | low
    default: return byte
    }
  }

  /// The blanks of `isspace(3)` in the C locale.
  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0d).contains(byte)
  }

  /// The value of a hexadecimal digit.
  private static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
