/// A failover that is played again and again, as the host sees it whose Redis is promoted.
///
/// All that a take rests on is there when the promotion comes, so that the answer of `ROLE` is the
/// last word: on real servers the duplicate probe, or the word of the old holder, often is.
struct FailoverPlay {
  /// The master before each promotion, which is dead and has no voice.
  static let oldMaster = "10.77.0.2"

  enum Scene {
    /// The old master is named, and well.
    case elsewhere
    /// It is down for all Sentinels, and one of them has selected this host's Redis.
    case selected
    /// This host's Redis is a master; no Sentinel knows it yet.
    case promoted

    var next: Scene {
      switch self {
      case .elsewhere: .selected
      case .selected: .promoted
      case .promoted: .elsewhere
      }
    }
  }

  /// How long a scene lasts: polls come each 0.2 s, and a probe takes 40 ms.
  func length(of scene: Scene) -> Duration {
    switch scene {
    case .elsewhere: .milliseconds(700)
    case .selected: .milliseconds(280)
    case .promoted: .milliseconds(300)
    }
  }
}
