import FailoverCore

/// Which writes a Redis has.
///
/// A write is a moment of a master's term: writers write without a pause, and what was accepted
/// in a term until a moment is one whole. So a history is a short list, however many writes.
struct History: Equatable {
  /// The terms in their order, and until when each one's writes are there.
  private(set) var segments: [Segment] = []

  struct Segment: Equatable {
    var term: Int
    var until: Int64
  }

  /// The same and what a term accepted until a time.
  func extended(by term: Int, until: Int64) -> History {
    var result = self
    result.segments.append(Segment(term: term, until: until))
    return result
  }

  /// Until when the writes of a term are there; nothing if none.
  func end(of term: Int) -> Int64? {
    segments.last { $0.term == term }?.until
  }
}

/// The time in which one node was a master without a break.
struct Term {
  var node: Int
  var began: Int64
  /// Under which circumstances the node became master.
  var cause: Overlap.Cause
}

/// What a replica receives: its master's writes, a delay ago; or nothing since a cut.
struct ReplicationStream {
  enum Flow {
    /// What the master accepts arrives.
    case flowing
    /// It arrives, but no acknowledgement comes back.
    case unacknowledged
    /// Nothing arrives until a retransmission succeeds.
    case stalled
  }

  let connection: Connection
  /// The node that it comes from.
  let source: Int
  var flow = Flow.flowing
  var timeout = Connection.Channel.firstTimeout
  var generation = 0
  /// Until when its source's writes have arrived, whatever the delay is now: what arrived stays.
  var arrived = Int64.min
  /// What was sent before the source closed the connection, if that waits for a retransmission.
  var closing: History?
}

/// What a Redis does with writes, and since when.
struct Acceptance: Equatable {
  /// Whether clients of the node's own address are acknowledged.
  var isOwn = false
  /// Whether those of the virtual address are.
  var isVirtual = false
  /// The term that accepts; nothing while it is no master.
  var term: Int?
  var fence = FenceLabel.off
  /// The last fault that began.
  var fault: FaultKind?
}

/// What the fence of a master amounted to when it acknowledged a write.
enum FenceLabel: Int, CaseIterable {
  case off, armed, open, closed, half

  var name: String { String(describing: self) }
}

/// Writes that were acknowledged under one set of circumstances.
struct AcknowledgedWrites: Equatable {
  var acceptance: Acceptance
  var from: Int64
  var to: Int64
}
