import Addresses

/// What a planned move asks of the address and of the fence.
struct MoveHold: Equatable {
  /// Whether the move has the fence, so that a pause does not keep it from being opened again.
  var isFenced = false
  /// Whether it wants the fence closed, whatever else the rules say.
  var isClosed = false
  /// Whether a closed fence must stay closed at a stop: what the move commanded may come when no
  /// daemon here sees it.
  var awaitsFailover = false
  /// The node for which the address stays for a moment although that is selected.
  ///
  /// From the yield to the promotion no node answers for it, and who connects meanwhile waits for a
  /// second (RFC 6298 §2). Behind a closed fence, with a target that has everything, a later yield
  /// loses nothing, and the target takes nothing before it.
  var keepsFrom: Endpoint?

  /// Whether a replica that is about to stop must wait: it is counted on, or may be promoted.
  var keepsReplicas = false

  /// No move.
  static let none = MoveHold()
}
