public import FailoverCore
import LineCoding

/// Writes recordings: what a machine was told, when, and what it ordered.
///
/// A run begins with a header and the group's configuration; then each event has a line that
/// begins with its instant, and below it, indented, a line for each order. A file holds one run
/// after the other, since a daemon that starts again goes on in the same file. Empty lines and
/// those that begin with `#` are for people.
public enum RecordingText {
  /// The first line of a run; its number grows when the text changes its meaning.
  public static let header = "vipd-recording 1"
  /// What stands before an order.
  static let indentation = "  "
  /// The longest line that is read, in bytes: 64 Sentinels' worth of replicas fit many times.
  static let maxLine = 1 << 18

  /// The lines with which a run begins.
  public static func beginning(_ configuration: GroupConfiguration) -> String {
    let plan = configuration.announcement
    let fence: LineText? = configuration.fence == .off ? nil : " fence=\(configuration.fence)"
    let group: LineText = """
      group name=\(configuration.masterName) vips=\(configuration.virtualAddresses) \
      sentinels=\(configuration.configuredSentinels) lease=\(configuration.leaseLimit) \
      blind=\(configuration.blindPolicy) rounds=\(plan.rounds) interval=\(plan.interval) \
      refresh=\(plan.refresh)\(ifAny: fence)\
      \(ifAny: configuration.probesForDuplicates ? nil : " probe=\(false)")
      """
    return "\(header)\n\(group.text)\n"
  }

  /// The lines for one event and what the machine answered.
  ///
  /// They end with a newline, so that they can be appended as they are.
  public static func lines(_ event: Event, at now: Instant, orders: [Effect]) -> String {
    ([line(event, at: now)] + orders.map { indentation + order($0) }).joined(separator: "\n")
      + "\n"
  }

  /// The line of an event, without the newline.
  static func line(_ event: Event, at now: Instant) -> String {
    ("\(now) \(text(event))" as LineText).text
  }
}

extension GroupConfiguration {
  /// Reads the line that `RecordingText.beginning` wrote.
  init(recordedWords words: [Substring]) throws(RecordingError.Problem) {
    guard words.first == "group" else { throw .noGroup }
    var fields = FieldReader(words.dropFirst())
    self = try GroupConfiguration(
      masterName: fields.take("name"), virtualAddresses: fields.take("vips"),
      configuredSentinels: fields.take("sentinels"), leaseLimit: fields.take("lease"),
      blindPolicy: fields.take("blind"),
      announcement: AnnouncementPlan(
        rounds: fields.take("rounds"), interval: fields.take("interval"),
        refresh: fields.take("refresh")))
    fence = try fields.takeIfPresent("fence") ?? .off
    probesForDuplicates = try fields.takeIfPresent("probe") ?? true
    try fields.end()
  }
}
