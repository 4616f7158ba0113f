/// The medians of a comparison as a picture: per fault a chart, per contestant a bar.
///
/// A bar begins at the fault. Up to the promotion it is Sentinel's time and grey; from there to the
/// first write that the new master answered it is the contestant's and coloured. Marks stand where
/// the last of the idle clients was back, and at the right if it never was.
struct TimelineDrawing {
  private let report: ComparisonReport
  private let downAfter: Int

  init(_ report: ComparisonReport, downAfterMilliseconds: Int) {
    self.report = report
    downAfter = downAfterMilliseconds
  }

  // Where things stand, in pixels.
  private let width = 960
  private let left = 112.0
  private let right = 780.0
  private let number = 856.0
  private let never = 912.0
  private let row = 26.0
  private let bar = 16.0

  private let grey = "#d8dee4"
  private let faint = "#eaeef2"
  private let soft = "#57606a"

  private struct Kind {
    let wait: IdleClients.Wait
    let title: String
    let mark: SVGDocument.Mark
    let colour: String
  }

  // Colours that people with any sight tell apart (Okabe and Ito).
  private let kinds = [
    Kind(wait: .subscribe, title: "subscribers back", mark: .circle, colour: "#d55e00"),
    Kind(wait: .blpop, title: "BLPOP back", mark: .diamond, colour: "#009e73"),
    Kind(wait: .pool, title: "idle pool back", mark: .triangle, colour: "#8a4b9e"),
  ]

  /// The picture.
  var text: String {
    var picture = SVGDocument(width: width)
    let title = "From the fault to the clients' return, down-after \(downAfter) ms"
    picture.text(title, x: 16, y: 30, size: 17, isBold: true)
    picture.text(
      "medians; grey: Sentinel notices, agrees and promotes; coloured: until the writer is served",
      x: 16, y: 50, fill: soft)
    drawLegend(&picture, y: 74)
    var y = 108.0
    for fault in report.faults(downAfter) where fault != .comeback {
      y = draw(fault, &picture, top: y) + 30
    }
    return picture.text(title: title, bottom: 12)
  }

  private func drawLegend(_ picture: inout SVGDocument, y: Double) {
    var x = 16.0
    for (title, colour) in [
      ("until the promotion", grey), ("vipd", colour(.vipd)), ("others", colour(.script)),
      ("floor", colour(.floor)),
    ] {
      picture.rectangle(x: x, y: y - 10, width: 18, height: 12, fill: colour, corner: 2)
      picture.text(title, x: x + 24, y: y)
      x += 44 + Double(title.count) * 7
    }
    for kind in kinds {
      picture.mark(kind.mark, x: x + 6, y: y - 4, colour: kind.colour)
      picture.text(kind.title, x: x + 16, y: y)
      x += 36 + Double(kind.title.count) * 7
    }
  }

  private func colour(_ contestant: Contestant) -> String {
    if contestant.isOurs { return "#0072b2" }
    return contestant == .floor ? "#b6d7ea" : "#e8a33d"
  }

  /// Draws the chart of a fault, and returns where it ends.
  private func draw(_ fault: Fault, _ picture: inout SVGDocument, top: Double) -> Double {
    let lines = report.contestants(downAfter).filter { $0.takesPart(in: fault) }
      .compactMap { line($0, fault) }
    let end = scaleEnd(lines)
    let first = top + 26
    let bottom = first + Double(lines.count) * row
    picture.text(fault.title, x: 16, y: top + 6, size: 14, isBold: true)
    picture.text("restored", x: number, y: top + 14, anchor: .end, size: 11, fill: soft)
    picture.text("never", x: never, y: top + 14, anchor: .middle, size: 11, fill: soft)
    for tick in ticks(end) {
      let x = place(tick, end)
      picture.line(x: x, from: first - 6, to: bottom + 2, stroke: faint)
      picture.text(
        "\(inWords(tick / 1000)) s", x: x, y: bottom + 16, anchor: .middle, size: 11, fill: soft)
    }
    for (index, line) in lines.enumerated() {
      draw(line, &picture, middle: first + (Double(index) + 0.5) * row, end)
    }
    return bottom + 16
  }

  /// What a bar shows, in milliseconds since the fault; infinity is never.
  private struct Line {
    let contestant: Contestant
    let promoted: Double
    let restored: Double
    let marks: [(kind: Kind, time: Double)]
  }

  private func line(_ contestant: Contestant, _ fault: Fault) -> Line? {
    let runs = report.runs(
      ComparisonSetting(contestant: contestant, fault: fault, downAfterMilliseconds: downAfter))
    guard !runs.good.isEmpty else { return nil }
    let promoted = runs.statistics("promoted-fault").median
    let marks = kinds.filter { kind in
      runs.good.contains { $0.figures["\(kind.wait.rawValue)-never"] != nil }
    }.map { kind in
      (kind, promoted + runs.statistics("\(kind.wait.rawValue)-promoted").median)
    }
    return Line(
      contestant: contestant, promoted: promoted,
      restored: promoted + runs.statistics("restored-promoted").median, marks: marks)
  }

  private func draw(
    _ line: Line, _ picture: inout SVGDocument, middle: Double, _ end: Double
  ) {
    let y = middle - bar / 2
    let promoted = place(line.promoted, end)
    let restored = line.restored.isFinite ? place(line.restored, end) : right
    let isOurs = line.contestant.isOurs
    picture.text(
      line.contestant.rawValue, x: left - 10, y: middle + 4, anchor: .end, isBold: isOurs)
    picture.rectangle(
      x: left, y: y, width: promoted - left, height: bar, fill: grey, corner: 2)
    // A takeover of a few milliseconds shall be seen, too.
    picture.rectangle(
      x: promoted, y: y, width: max(2, restored - promoted), height: bar,
      fill: colour(line.contestant), corner: 2)
    if !line.restored.isFinite {
      picture.arrowhead(x: right, y: y, height: bar, fill: colour(line.contestant))
    }
    let late = line.restored - line.promoted
    let sign = late > -0.5 ? "+" : ""
    picture.text(
      late.isFinite ? "\(sign)\(inWords(late)) ms" : inWords(late), x: number, y: middle + 4,
      anchor: .end, isBold: isOurs)
    for (lane, mark) in line.marks.enumerated() {
      // Marks of the same moment stand one beneath the other, those of no moment side by side.
      let offset = Double(lane - 1)
      if mark.time.isFinite {
        picture.mark(
          mark.kind.mark, x: place(mark.time, end), y: middle + offset * 7, colour: mark.kind.colour
        )
      } else {
        picture.mark(
          mark.kind.mark, x: never + offset * 15, y: middle, colour: mark.kind.colour,
          isFilled: false)
      }
    }
  }

  private func place(_ time: Double, _ end: Double) -> Double {
    left + (right - left) * min(1, time / end)
  }

  /// The end of the scale: the latest moment that is shown, up to whole seconds.
  private func scaleEnd(_ lines: [Line]) -> Double {
    let times = lines.flatMap { [$0.promoted, $0.restored] + $0.marks.map(\.time) }
    let latest = times.filter(\.isFinite).max() ?? 1000
    return max(1, (latest / 1000).rounded(.up)) * 1000
  }

  private func ticks(_ end: Double) -> [Double] {
    let step = [1000, 2000, 5000, 10_000].first { end / $0 <= 10 } ?? 20_000.0
    return Array(stride(from: 0, through: end, by: step))
  }
}

extension Fault {
  /// The title of its chart.
  var title: String {
    switch self {
    case .kill: "Redis killed"
    case .powerOff: "host powered off"
    case .cut: "cable pulled"
    case .freeze: "Redis frozen"
    case .partition: "host partitioned silently"
    case .failover: "SENTINEL FAILOVER"
    case .move: "vipctl move"
    case .comeback: "old master returns"
    }
  }
}
