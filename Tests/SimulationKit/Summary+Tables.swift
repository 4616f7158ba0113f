extension Summary {
  /// The tables, as Markdown.
  public func tables() -> String {
    var text = violationTable() + "\n" + mechanismTable() + "\n" + availabilityTable() + "\n"
    text += "unheld in all: \(unheld / second) s of \(watched / second) s\n"
    text += "unheld by what the named master missed (ppm of all time): "
    let reasons = unheldByReason.sorted { $0.duration > $1.duration }.prefix(8)
    text += reasons.map { "\($0.reason) \(ppm($0.duration))" }.joined(separator: ", ") + "\n"
    text += "held while a majority named another, longest by basis: "
    text +=
      heldUnnamed.sorted { $0.basis < $1.basis }
      .map { "\($0.basis) \($0.duration / millisecond) ms" }.joined(separator: ", ") + "\n"
    return text + "\n" + writeTables()
  }

  private func ppm(_ duration: Int64) -> Int64 {
    watched == 0 ? 0 : duration / 1_000 * 1_000_000 / max(watched / 1_000, 1)
  }

  private func violationTable() -> String {
    let clean = faultsByClass[Class.clean.rawValue]
    let columns =
      cleanByCause.map { $0.text(of: clean) }
      + Class.allCases.dropFirst().map {
        otherByClass[$0.rawValue].text(of: faultsByClass[$0.rawValue])
      }
    return """
      | faults | clean | organic | forced | forced, minority | vm-pause | quorum<maj \
      | mixed down-after | down-after 1000 | take p50/75/90/95 ms | unheld ppm | I3 | other |
      |---|---|---|---|---|---|---|---|---|---|---|---|---|
      | \(faults) | \(clean) | \(columns.joined(separator: " | ")) | \(percentiles()) \
      | \(ppm(unheld)) | \(stuck) of \(converged) | \(violations) |

      """
  }

  private func percentiles() -> String {
    guard !takes.isEmpty else { return "-" }
    let sorted = takes.sorted()
    return [50, 75, 90, 95].map { percent in
      tenths(sorted[min(sorted.count - 1, sorted.count * percent / 100)])
    }.joined(separator: "/")
  }

  private func tenths(_ duration: Int64) -> String {
    let tenths = duration / (millisecond / 10)
    return "\(tenths / 10).\(tenths % 10)"
  }

  private func mechanismTable() -> String {
    let clean = max(faultsByClass[Class.clean.rawValue], 1)
    let rows = mechanisms.sorted { ($1.count.total, $0.name) < ($0.count.total, $1.name) }
    return rows.map { row in
      let seed = row.count.example.map(String.init) ?? "-"
      let perMillion = row.count.count * 1_000_000 / clean
      return "\(row.name): n=\(row.count.count) per M clean faults=\(perMillion) "
        + "mean=\(tenths(row.count.total / Int64(max(row.count.count, 1)))) "
        + "max=\(tenths(row.count.greatest)) seed=\(seed)\n"
    }.joined()
  }

  private func availabilityTable() -> String {
    var text = """
      | single fault, clean worlds | worlds | with a gap / mean unheld ms / longest ms | overlaps |
      |---|---|---|---|

      """
    for (index, kind) in FaultKind.allCases.enumerated() where singles[index].worlds > 0 {
      let single = singles[index]
      text += "| \(kind.rawValue) | \(single.worlds) "
      text += "| \(single.gaps * 100 / single.worlds) % "
      text += "/ \(single.unheld / Int64(single.worlds) / millisecond) "
      text += "/ \(single.longest / millisecond) | \(single.overlaps) |\n"
    }
    return text
  }
}
