/// How a writer writes.
public struct WritingManner: Equatable, Sendable {
  /// How many connections write side by side, at least 1.
  public var connections = 1
  /// How long a connect and an answer may take, in milliseconds.
  public var timeoutMilliseconds = 100
  /// How long each connection rests after each write, in microseconds; 0 for not at all.
  public var paceMicroseconds = 0
  /// After which time a connection is closed and another opened, in milliseconds; 0 for never.
  public var lifeMilliseconds = 0

  /// One connection that writes as fast as it is answered.
  public init() {}

  /// The last words of `lab-client write`.
  public var words: [String] {
    [connections, timeoutMilliseconds, paceMicroseconds, lifeMilliseconds].map(String.init)
  }

  /// Reads the last words of `lab-client write`; nothing if they make no sense.
  public init?(words: some Sequence<String>) {
    let numbers = words.compactMap { Int($0) }.filter { $0 >= 0 }
    guard numbers.count == 4, numbers[0] > 0, numbers[1] > 0 else { return nil }
    connections = numbers[0]
    timeoutMilliseconds = numbers[1]
    paceMicroseconds = numbers[2]
    lifeMilliseconds = numbers[3]
  }
}
