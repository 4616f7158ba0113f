/// A picture in SVG, put together shape by shape.
struct SVGDocument {
  private let width: Int
  private var height = 0.0
  private var shapes: [String] = []

  /// An empty picture.
  init(width: Int) {
    self.width = width
  }

  /// Where text begins, ends or has its middle.
  enum Anchor: String {
    case start, middle, end
  }

  mutating func rectangle(
    x: Double, y: Double, width: Double, height: Double, fill: String, corner: Double = 0
  ) {
    grow(y + height)
    shapes.append(
      "<rect x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(max(0, width)))\" "
        + "height=\"\(number(height))\" rx=\"\(number(corner))\" fill=\"\(fill)\"/>")
  }

  /// The end of a bar that goes on beyond the picture.
  mutating func arrowhead(x: Double, y: Double, height: Double, fill: String) {
    let half = number(height / 2)
    shapes.append(
      "<path d=\"M\(number(x - 2)) \(number(y))l9 \(half)l-9 \(half)z\" fill=\"\(fill)\"/>")
  }

  mutating func line(x: Double, from top: Double, to bottom: Double, stroke: String) {
    grow(bottom)
    shapes.append(
      "<path d=\"M\(number(x)) \(number(top))V\(number(bottom))\" stroke=\"\(stroke)\"/>")
  }

  mutating func text(
    _ text: String, x: Double, y: Double, anchor: Anchor = .start, size: Int = 12,
    fill: String = "#24292f", isBold: Bool = false
  ) {
    grow(y + 4)
    shapes.append(
      "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor.rawValue)\" "
        + "font-size=\"\(size)\" fill=\"\(fill)\"\(isBold ? " font-weight=\"600\"" : "")>"
        + "\(escaped(text))</text>")
  }

  /// A mark around a point.
  enum Mark {
    case circle, diamond, triangle
  }

  /// A mark, filled or as an outline.
  mutating func mark(_ mark: Mark, x: Double, y: Double, colour: String, isFilled: Bool = true) {
    let paint =
      isFilled
      ? "fill=\"\(colour)\" stroke=\"#fff\" stroke-width=\"0.8\""
      : "fill=\"#fff\" stroke=\"\(colour)\" stroke-width=\"1.4\""
    let path =
      switch mark {
      case .circle: "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z"
      case .diamond: "M0 -5L5 0L0 5L-5 0z"
      case .triangle: "M0 -5L5 4L-5 4z"
      }
    shapes.append(
      "<path d=\"\(path)\" transform=\"translate(\(number(x)) \(number(y)))\" \(paint)/>")
  }

  private mutating func grow(_ bottom: Double) { height = max(height, bottom) }

  /// The whole picture, on white.
  func text(title: String, bottom: Double) -> String {
    let size = "width=\"\(width)\" height=\"\(number(height + bottom))\""
    let box = "viewBox=\"0 0 \(width) \(number(height + bottom))\""
    return """
      <svg xmlns="http://www.w3.org/2000/svg" \(size) \(box) role="img" \
      font-family="system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif">
      <title>\(escaped(title))</title>
      <rect width="100%" height="100%" fill="#fff"/>
      \(shapes.joined(separator: "\n"))
      </svg>

      """
  }

  private func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}

/// A coordinate with a digit after the point at most.
private func number(_ value: Double) -> String {
  let tenths = Int((value * 10).rounded())
  let sign = tenths < 0 ? "-" : ""
  let rest = abs(tenths) % 10
  return "\(sign)\(abs(tenths) / 10)\(rest == 0 ? "" : ".\(rest)")"
}
