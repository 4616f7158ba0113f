import Addresses

/// The local `replica-priority`: lowered for a move, and restored when that is over.
struct PriorityKeeper: Equatable, Sendable {
  /// What is to be restored; nil if nothing was changed.
  private var memory: PriorityMemory?
  /// What is in force; nil while it is not known.
  private var inForce: Int?
  /// An order that was not answered yet.
  private var pending: Int?
  /// When the last one was answered: what was asked before may show an older value.
  private var setAt: Instant?
  /// No question or order before this.
  private(set) var retryAt: Instant?
  /// Whether Redis refuses to tell or to change it.
  private(set) var isRefused = false

  /// Whether it is as low as a move wants it.
  var isLowered: Bool { inForce == PriorityMemory.preferred }

  /// Begins with what an earlier daemon left to restore.
  mutating func start(_ memory: PriorityMemory?) { self.memory = memory }

  /// Forgets what a lost connection leaves unknown.
  mutating func disconnect() {
    let kept = memory
    self = PriorityKeeper()
    memory = kept
  }

  /// Lowers the priority while a move wants it, and restores it afterwards, once the file may be
  /// written: what is written is all that is in force, and a closed fence is nothing that lasts.
  mutating func decide(isWanted: Bool, mayPersist: Bool, _ turn: inout Turn) {
    guard isWanted || memory != nil, pending == nil, retryAt.map({ $0 <= turn.now }) ?? true
    else { return }
    guard let inForce else {
      retryAt = turn.now + Timing.priorityRetry
      turn.order(.readPriority)
      return
    }
    if isWanted {
      lower(from: inForce, &turn)
    } else if let memory {
      restore(memory, inForce: inForce, mayPersist: mayPersist, &turn)
    }
  }

  private mutating func lower(from inForce: Int, _ turn: inout Turn) {
    // 0 is an operator's word: never promoted.
    guard inForce > PriorityMemory.preferred else { return }
    // What is not the move's own is the operator's, also when it changed meanwhile.
    let lowered = PriorityMemory(original: inForce, lowered: PriorityMemory.preferred)
    if memory != lowered {
      memory = lowered
      turn.order(.keepPriority(lowered))
    }
    set(PriorityMemory.preferred, isLasting: false, &turn)
  }

  private mutating func restore(
    _ memory: PriorityMemory, inForce: Int, mayPersist: Bool, _ turn: inout Turn
  ) {
    guard inForce == memory.lowered else {
      // Redis started with what its file says, or an operator set something else meanwhile.
      forget(&turn)
      return
    }
    if mayPersist { set(memory.original, isLasting: true, &turn) }
  }

  private mutating func set(_ value: Int, isLasting: Bool, _ turn: inout Turn) {
    pending = value
    turn.order(.setPriority(value, isLasting: isLasting))
  }

  private mutating func forget(_ turn: inout Turn) {
    memory = nil
    retryAt = nil
    turn.order(.keepPriority(nil))
    turn.settleAlarms { if case .priorityNotRestored = $0 { true } else { false } }
  }

  /// Records what the local Redis has in force; nil if it does not tell.
  mutating func record(_ observed: Int?, sentAt: Instant, at now: Instant) {
    guard pending == nil, setAt.map({ $0 <= sentAt }) ?? true else { return }
    inForce = observed
    isRefused = observed == nil
    retryAt = observed == nil ? now + Timing.fenceRetry : nil
  }

  /// Records what became of an order.
  mutating func record(_ value: Int, _ problem: FenceProblem?, _ turn: inout Turn) {
    guard pending == value else { return }
    pending = nil
    if let problem, !problem.isOfFile {
      inForce = nil
      isRefused = problem != .unreachable
      retryAt = turn.now + Timing.fenceRetry
      if let memory, value == memory.original, isRefused {
        turn.raise(.priorityNotRestored(memory, problem))
      }
      return
    }
    inForce = value
    setAt = turn.now
    isRefused = false
    // Without a file to write, Sentinel could not write it either.
    if value == memory?.original { forget(&turn) }
  }
}
