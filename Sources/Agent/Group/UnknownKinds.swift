/// Kinds of messages that this version does not know: another daemon is newer.
///
/// It goes on sending them, so each kind is told once, and no more kinds than a newer version may
/// have; whoever makes more of them up is not listened to.
struct UnknownKinds {
  /// Kinds that are told at most.
  static let limit = 8

  private var met: Set<String> = []

  /// Takes in a kind; whether it is to be told.
  mutating func admit(_ kind: String) -> Bool {
    met.count < Self.limit && met.insert(kind).inserted
  }
}
