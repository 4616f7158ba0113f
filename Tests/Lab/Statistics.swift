/// The middle, the bad and the worst of some figures.
public struct Statistics: Equatable, Sendable {
  /// The figures in rising order.
  public let sorted: [Double]

  /// The statistics of some figures, in any order.
  public init(_ values: [Double]) {
    sorted = values.sorted()
  }

  /// The middle figure, or the mean of the two middle ones.
  public var median: Double {
    guard !sorted.isEmpty else { return .nan }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// The least figure that at least 95 % of all don't exceed (nearest rank); of ten, the tenth.
  public var percentile95: Double {
    guard !sorted.isEmpty else { return .nan }
    let rank = (sorted.count * 95 + 99) / 100
    return sorted[rank - 1]
  }

  /// The greatest figure.
  public var maximum: Double { sorted.last ?? .nan }
}
