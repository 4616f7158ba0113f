extension Duration {
  /// Reads a whole number with a unit, as in `1500ms`, `2s`, `1m` or `4h`.
  ///
  /// At most nine digits, so that no sum of two overflows. No sign, fraction, blank or bare
  /// number: `60` could mean a minute or 60 ms.
  public init?(text: some StringProtocol) {
    let digits = text.prefix { ("0"..."9").contains($0) }
    guard (1...9).contains(digits.utf8.count), let number = Int64(digits) else { return nil }
    switch text[digits.endIndex...] {
    case "ms": self = .milliseconds(number)
    case "s": self = .seconds(number)
    case "m": self = .seconds(number * 60)
    case "h": self = .seconds(number * 3600)
    default: return nil
    }
  }

  /// This duration in the greatest unit that divides it, as it stands in a file: `1500ms`, `1m`.
  public var text: String {
    let milliseconds = components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    if milliseconds == 0 || milliseconds % 1000 != 0 { return "\(milliseconds)ms" }
    if milliseconds % 3_600_000 == 0 { return "\(milliseconds / 3_600_000)h" }
    if milliseconds % 60_000 == 0 { return "\(milliseconds / 60_000)m" }
    return "\(milliseconds / 1000)s"
  }
}
