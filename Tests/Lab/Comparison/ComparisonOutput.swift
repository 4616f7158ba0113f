/// What a comparison leaves behind.
public struct ComparisonOutput {
  private let report: ComparisonReport

  /// The output for some results.
  public init(_ results: [ComparisonOutcome]) {
    report = ComparisonReport(results: results)
  }

  /// The tables, in Markdown.
  public var tables: String { report.text }

  /// The tables and the pictures, by the names of their files.
  public var files: [(name: String, text: String)] {
    [("compare.md", tables)]
      + report.downAfter.map { time in
        (
          "timeline-\(time).svg",
          TimelineDrawing(report, downAfterMilliseconds: time).text
        )
      }
  }
}
