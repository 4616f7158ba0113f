public import Addresses

/// Whether a Redis of this host may start now, as its unit asks.
///
/// A master that died must not come back with less than its replicas have while one of them is being
/// promoted: they would synchronize with it, and lose what it lost.
public enum GuardVerdict: Equatable, Sendable {
  /// It may.
  case start(StartReason)
  /// Its successor is being promoted.
  case wait(WaitReason)

  /// Why a Redis may start.
  public enum StartReason: Equatable, Sendable {
    /// It answers already.
    case answers
    /// `on-death wait`.
    case policy
    /// The group is paused here.
    case paused
    /// It was not the master by its last answer.
    case wasNoMaster
    /// A majority names this node, and Redis is going to follow it.
    case succeeded(by: Endpoint)
    /// Its death is left to the Sentinels.
    case left(DeathRefusal)
    /// Its death was not noticed here.
    case unnoticed
  }

  /// Why a Redis waits.
  public enum WaitReason: Equatable, Sendable {
    /// It is just found dead.
    case justDied
    /// The Sentinels and the replicas are asked.
    case asking
    /// This Sentinel promotes a replica.
    case ordered(SentinelID)
  }

  /// Whether it may start.
  public var mayStart: Bool { if case .start = self { true } else { false } }
}

extension GroupStatus {
  /// Whether the local Redis may start now.
  ///
  /// - Parameter isDeathVisible: whether this host would notice its death; nil if it was not looked.
  /// - Returns: whether it may, and why.
  public func guardVerdict(isDeathVisible: Bool?) -> GuardVerdict {
    if localRole != nil { return .start(.answers) }
    if deathPolicy == .wait { return .start(.policy) }
    if pause != nil { return .start(.paused) }
    guard lastRole == .master else { return .start(.wasNoMaster) }
    if let successor { return .start(.succeeded(by: successor)) }
    switch death {
    case .asking, .comparing: return .wait(.asking)
    case .ordered(let sentinel): return .wait(.ordered(sentinel))
    case .left(let refusal): return .start(.left(refusal))
    case nil:
      return isDeathVisible == true && basis != .none ? .wait(.justDied) : .start(.unnoticed)
    }
  }
}
