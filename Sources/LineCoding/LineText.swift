/// A line, or a part of one, with values in it: `"wake at=\(instant)"`.
///
/// Each format says by an `appendInterpolation` how it writes a kind of value. None is here for
/// text, so that nobody forgets to escape it.
public struct LineText: ExpressibleByStringInterpolation, Equatable, Sendable {
  /// The text.
  public let text: String

  /// Takes a text that is known to fit the line as it is.
  public init(verbatim text: String) {
    self.text = text
  }

  /// Takes a literal.
  public init(stringLiteral text: String) {
    self.text = text
  }

  /// Takes a literal with values in it.
  public init(stringInterpolation: StringInterpolation) {
    text = stringInterpolation.text
  }

  /// One behind the other.
  public static func + (left: LineText, right: LineText) -> LineText {
    LineText(verbatim: left.text + right.text)
  }

  /// Puts the parts of a literal together.
  public struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    /// Begins; a value takes a dozen bytes.
    public init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + 12 * interpolationCount)
    }

    /// Appends what stands between the values.
    public mutating func appendLiteral(_ literal: String) {
      text += literal
    }

    /// Appends a part.
    public mutating func appendInterpolation(_ part: LineText) {
      text += part.text
    }

    /// Appends a part that may be left out.
    public mutating func appendInterpolation(ifAny part: LineText?) {
      if let part { text += part.text }
    }
  }
}
