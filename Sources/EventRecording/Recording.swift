public import FailoverCore

/// What one machine was told from its start, and what it ordered.
public struct Recording: Equatable, Sendable {
  /// What the operator had decided.
  public var configuration: GroupConfiguration
  /// Every event in its order.
  public var steps: [Step]

  /// One event and what came of it.
  public struct Step: Equatable, Sendable {
    /// The line of the event in the text, from 1.
    public var line: Int
    /// When it happened, on the boot clock of the recorded host.
    public var at: Instant
    /// What the machine was told.
    public var event: Event
    /// What it ordered, one text an order.
    public var orders: [String]

    /// Makes a step.
    public init(line: Int, at: Instant, event: Event, orders: [String]) {
      self.line = line
      self.at = at
      self.event = event
      self.orders = orders
    }
  }

  /// Makes a recording.
  public init(configuration: GroupConfiguration, steps: [Step]) {
    self.configuration = configuration
    self.steps = steps
  }

  /// Reads every run of a text, in their order.
  ///
  /// - Parameter text: the content of a file that a daemon or `RecordingText` wrote.
  /// - Returns: the runs, at least one.
  /// - Throws: ``RecordingError`` for the first line that is not understood.
  public static func runs(of text: String) throws(RecordingError) -> [Recording] {
    var reader = RecordingReader()
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    // A newline ends every line, so what is behind the last one is empty.
    for (index, line) in lines.dropLast().enumerated() {
      try reader.read(line, number: index + 1)
    }
    if lines.last?.isEmpty == false {
      throw RecordingError(line: lines.count, problem: .cutOff)
    }
    return try reader.finish(lines: lines.count)
  }
}

/// Reads a recording line by line.
struct RecordingReader {
  private var runs: [Recording] = []
  private var expectsGroup = false

  /// Takes in a line.
  mutating func read(_ line: Substring, number: Int) throws(RecordingError) {
    do throws(RecordingError.Problem) {
      guard line.utf8.count <= RecordingText.maxLine else { throw .tooLong }
      try take(line, number: number)
    } catch {
      throw RecordingError(line: number, problem: error)
    }
  }

  /// The runs, once all lines are read.
  func finish(lines: Int) throws(RecordingError) -> [Recording] {
    if expectsGroup { throw RecordingError(line: lines, problem: .noGroup) }
    if runs.isEmpty { throw RecordingError(line: 1, problem: .noHeader) }
    return runs
  }

  private mutating func take(
    _ line: Substring, number: Int
  ) throws(RecordingError.Problem) {
    if line.isEmpty || line.first == "#" { return }
    if line.hasPrefix(RecordingText.indentation) {
      return try readOrder(line.dropFirst(RecordingText.indentation.count))
    }
    let words = line.split(separator: " ", omittingEmptySubsequences: false)
    if words[0] == "vipd-recording" {
      guard line == RecordingText.header else {
        throw .otherVersion(RecordingError.excerpt(line.dropFirst(words[0].count + 1)))
      }
      if expectsGroup { throw .noGroup }
      expectsGroup = true
    } else if expectsGroup {
      runs.append(
        Recording(configuration: try GroupConfiguration(recordedWords: words), steps: []))
      expectsGroup = false
    } else {
      try readEvent(words, number: number)
    }
  }

  private mutating func readEvent(
    _ words: [Substring], number: Int
  ) throws(RecordingError.Problem) {
    guard let last = runs.indices.last else { throw .noHeader }
    guard let now = Instant.read(words[0]) else {
      throw .badInstant(RecordingError.excerpt(words[0]))
    }
    if let before = runs[last].steps.last?.at, now < before { throw .timeWentBack }
    let event = try Event(recordedWords: words.dropFirst())
    runs[last].steps.append(.init(line: number, at: now, event: event, orders: []))
  }

  private mutating func readOrder(_ text: Substring) throws(RecordingError.Problem) {
    guard !expectsGroup, let run = runs.indices.last, let step = runs[run].steps.indices.last
    else { throw .orderWithoutEvent }
    runs[run].steps[step].orders.append(String(text))
  }
}
