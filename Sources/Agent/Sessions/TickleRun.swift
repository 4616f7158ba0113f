import Addresses
import FailoverCore
import LinuxNetwork
import NIOCore
import Packets

/// The tickles of one take: who gets one, and how far the rounds have come.
///
/// Three rounds, 1.1 s apart like the announcements: the first goes out when not every switch and
/// neighbour has learnt of the move, and a lost packet is not repeated by anybody else.
struct TickleRun {
  /// One client and the address and port that it is connected to.
  struct Target: Equatable {
    let virtualAddress: VirtualAddress
    let source: PackedEndpoint
    let client: PackedEndpoint
  }

  /// Rounds; as CTDB's `CTDB_ARP_REPEAT`.
  static let rounds = 3
  /// From the beginning of one round to that of the next.
  static let interval = Duration.milliseconds(1_100)
  /// From one slice to the next.
  static let pause = TimeAmount.milliseconds(5)
  /// Clients in a slice, some 0.3 ms: 20,000 in a second, if Redis takes them on so fast.
  static let minSlice = 100
  /// The greatest slice, for lists so long that a round would outlast its interval.
  static let maxSlice = 300
  /// Slices in a row that may be put off because connections wait to be accepted: a second.
  ///
  /// A Redis that accepts nobody for so long is late for another reason, and a client that is
  /// awake can at least go elsewhere.
  static let patience = 200

  private let rounds: Int
  private(set) var targets: [Target]
  private(set) var roundsBegun = 0
  private var next = 0
  /// Whether the round goes through the clients for the second time.
  private var isSecondPass = false
  /// Slices that were put off since the last one that was not.
  private var postponed = 0

  init(_ targets: [Target], rounds: Int = Self.rounds) {
    self.targets = targets
    self.rounds = rounds
  }

  /// Tickles in a slice: as few as will do within a round's interval.
  var slice: Int { min(max(targets.count / 200, Self.minSlice), Self.maxSlice) }

  /// What is sent now: two variants in a round, and all four in any two rounds.
  ///
  /// A round goes through all clients with the one, and then with the other: where no firewall
  /// stands between, the first wakes everybody, and nobody waits for the second of another.
  var variant: TickleSegment.Variant {
    switch (roundsBegun % 2 == 1, isSecondPass) {
    case (true, false): .lowLow
    case (true, true): .highHigh
    case (false, false): .lowHigh
    case (false, true): .highLow
    }
  }

  /// Whether the round is over.
  var isRoundOver: Bool { targets.isEmpty || isSecondPass && next >= targets.count }

  /// Whether nothing is left to do.
  var isOver: Bool { targets.isEmpty || isRoundOver && roundsBegun >= rounds }

  /// Begins a round, without those who speak to this node already.
  mutating func beginRound(without present: [IPAddress: Set<PackedEndpoint>]) {
    targets.removeAll { present[$0.virtualAddress.address]?.contains($0.client) == true }
    roundsBegun += 1
    next = 0
    isSecondPass = false
  }

  /// Whose queue the clients of the next slice will stand in; nil after the last.
  var server: Endpoint? {
    let target = next < targets.count ? targets[next] : targets.first
    return target?.source.endpoint
  }

  /// How many clients may be woken now, by how many connections wait to be accepted.
  ///
  /// Whoever is woken connects at once, and a queue that overflows costs its client a second or
  /// three. So at most half of the queue is filled, and each slice takes half of what is left of
  /// that half: those woken by the last slices may still be on their way.
  func share(of queue: AcceptQueue?) -> Int {
    guard let queue, postponed < Self.patience else { return slice }
    let free = max(0, max(1, queue.limit / 2) - queue.waiting)
    return min(slice, (free + 1) / 2)
  }

  /// The targets of the next slice; the variant is theirs afterwards.
  ///
  /// - Parameter queue: the queue of ``server``; nil if the kernel can't tell.
  /// - Returns: nobody when too many connections wait to be accepted.
  mutating func nextSlice(_ queue: AcceptQueue? = nil) -> ArraySlice<Target> {
    let count = share(of: queue)
    guard count > 0 else {
      postponed += 1
      return []
    }
    postponed = 0
    if next >= targets.count, !isSecondPass {
      isSecondPass = true
      next = 0
    }
    let end = min(next + count, targets.count)
    defer { next = end }
    return targets[min(next, end)..<end]
  }
}
