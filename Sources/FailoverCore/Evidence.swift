/// What a decision may rest on: what the Sentinels say, and what the local Redis says.
///
/// It keeps facts and answers questions about them; what follows is decided elsewhere.
struct Evidence: Equatable, Sendable {
  /// What the Sentinels say.
  var panel: SentinelPanel
  /// What the local Redis says of itself.
  var local = LocalInstance()
}
