import RESP

/// Whether a master takes its clients' writes, by `INFO persistence` and `INFO stats`.
///
/// What refuses writes is not told to those who only read: MISCONF is the answer to a write
/// (`server.c writeCommandsDeniedByDiskError`), and vipd writes nothing.
package struct RedisHealth: Equatable {
  /// `loading`: clients are answered LOADING until the data is read.
  package var isLoading = false
  /// `loading_loaded_perc`, whole percents.
  package var loadedPercent: Int?
  /// `rdb_last_bgsave_status` is `err`.
  package var hasFailedToSave = false
  /// Whether Redis then refuses writes (`stop-writes-on-bgsave-error`, with a `save` line); nothing
  /// if it does not tell its settings.
  package var stopsWithoutSave: Bool?
  /// `aof_last_write_status` is `err` while `aof_enabled`: every write is refused.
  package var hasFailedToAppend = false
  /// `rejected_connections`: clients that were turned away since the start.
  package var rejectedConnections: UInt64 = 0

  /// Reads the fields that the text of one section has.
  mutating func take(_ text: String) {
    let fields = Dictionary(text.infoFields.map { ($0.name, $0.value) }) { _, last in last }
    if let loading = fields["loading"] { isLoading = loading == "1" }
    if let percent = fields["loading_loaded_perc"]?.split(separator: ".").first {
      loadedPercent = Int(percent).map { min(max($0, 0), 100) }
    }
    if let status = fields["rdb_last_bgsave_status"] { hasFailedToSave = status == "err" }
    if let status = fields["aof_last_write_status"] {
      hasFailedToAppend = status == "err" && fields["aof_enabled"] != "0"
    }
    if let count = fields["rejected_connections"].flatMap({ UInt64($0) }) {
      rejectedConnections = count
    }
  }
}

/// The questions about a master's health under way, one after the other.
package struct RedisHealthInquiry {
  /// How long after the last questions the next ones come.
  package static let period = Duration.seconds(4)

  /// A part, in the order in which it is asked.
  enum Part: Equatable {
    case persistence
    case stats
    case stopsWrites
    case saves
  }

  private var health = RedisHealth()
  private var stops: Bool?

  /// The first questions.
  static let commands = RESPCommands([["INFO", "persistence"], ["INFO", "stats"]])
  static let parts: [Part] = [.persistence, .stats]
  /// The questions that a failed save brings: whether it matters.
  static let settingCommands = RESPCommands([
    ["CONFIG", "GET", "stop-writes-on-bgsave-error"], ["CONFIG", "GET", "save"],
  ])
  static let settingParts: [Part] = [.stopsWrites, .saves]

  /// What comes of an answer.
  enum Step: Equatable {
    case wait
    /// Whether a failed save matters has to be asked.
    case askSettings
    case done(RedisHealth)
    /// It does not tell, and must not be asked again: refusals fill its ACL log.
    case refused
  }

  /// Takes in the answer to a part.
  mutating func take(_ part: Part, _ token: RESPToken) -> Step {
    let isRefused = token.errorText?.hasPrefix("NOPERM") == true
    switch part {
    case .persistence:
      health = RedisHealth()
      if isRefused { return .refused }
      token.text.map { health.take($0) }
      return .wait
    case .stats:
      token.text.map { health.take($0) }
      return health.hasFailedToSave ? .askSettings : .done(health)
    case .stopsWrites:
      stops = token.setting("stop-writes-on-bgsave-error")?.text.map { $0 == "yes" }
      return .wait
    case .saves:
      let saves = token.setting("save")?.text.map { !$0.isEmpty }
      // One *no* is enough to know; two times *yes* are needed.
      if stops == false || saves == false {
        health.stopsWithoutSave = false
      } else if stops == true, saves == true {
        health.stopsWithoutSave = true
      }
      return .done(health)
    }
  }
}
