/// The times that the rules are made of, each with where it comes from.
///
/// The safety argument rests on their relations, which `TimingTests` holds: a provisional holder
/// is gone before the one that yielded to it may come back, and a lease is over before Sentinel
/// can call its holder down.
public enum Timing {
  /// The longest time between two polls of a Sentinel.
  public static let pollInterval: Duration = .milliseconds(200)
  /// A poll answered within this proves contact *now*: the poll interval and a margin of 100 ms.
  public static let contactWindow: Duration = pollInterval + .milliseconds(100)
  /// A view older than this no longer says whom a Sentinel names: two polls and a margin.
  public static let viewLifetime: Duration = .milliseconds(500)

  /// How much shorter than `down-after` the lease is: a tick of Sentinel's timer, the network and
  /// the time to remove an address.
  public static let leaseMargin: Duration = .milliseconds(400)
  /// The longest lease, whatever `down-after` says: longer only delays the recovery.
  public static let maxLease: Duration = .seconds(5)
  /// The shortest lease: less would end between two polls.
  ///
  /// Only a `down-after` that allows no guarantee comes down to it.
  public static let shortestLease: Duration = viewLifetime
  /// Below this Sentinel's ping period of one second (`sentinel.c` SENTINEL_PING_PERIOD) eats a
  /// lease that counts from the last pong; the lease then counts from the poll.
  public static let minDownAfterForPongs: Duration = .milliseconds(2_000)
  /// Below this the kernel's whole seconds outlast what Sentinel waits.
  public static let minStrictDownAfter: Duration = .milliseconds(3_000)
  /// A proof younger than `down-after` less this shows that nobody can have been elected.
  public static let proofMargin: Duration = .milliseconds(200)

  /// How long a provisional holder waits for the word of a newer vote's leader, whether the vote
  /// is of this group; from a vote to a flip Sentinel needs at least two of its ticks of 50 ms.
  public static let voteGrace: Duration = .milliseconds(60)
  /// How long a selection keeps this node prepared, and the fast path open.
  public static let preparedLifetime: Duration = .seconds(2)
  /// How long a selected node waits for an answer before it asks the old holder again.
  public static let questionInterval: Duration = .milliseconds(100)
  /// How long after a flip the fast path is open.
  public static let flipLifetime: Duration = .seconds(2)
  /// How long the fast path holds without being named; flip to naming was measured at 0.7–1.1 s.
  public static let provisionalLifetime: Duration = .seconds(2)
  /// How long after a selection a holder that yielded to it stays away.
  public static let yieldLifetime: Duration = .seconds(3)
  /// The least time for which a naming must last before a retake: longer than any provisional
  /// holding, or the two overlap.
  public static let minSettling: Duration = provisionalLifetime + .milliseconds(500)
  /// For how long all Sentinels must agree before the last holder of an epoch returns: a poll and
  /// a margin, so that each was asked after the first answered.
  public static let unanimousSettling: Duration = .milliseconds(250)
  /// How long evidence that the old holder is down is remembered: a switch makes a Sentinel
  /// forget it, and a holder without a lease needs `minSettling` to come back.
  public static let evidenceLifetime: Duration = minSettling

  /// How long the answer of a node that it follows this one counts, and how long a holder goes on after
  /// it and a majority of Sentinels answered last: it is asked each 200 ms, and one answer may be late.
  public static let followerLifetime: Duration = .seconds(1)
  /// How long a holder whose clock was stepped ahead waits for fresh answers before it gives up an
  /// address that it would have held without the step: a poll, and a margin as in `contactWindow`.
  public static let clockDoubtLimit: Duration = contactWindow

  /// How long a refused connection proves that a Sentinel's process is gone; retried each 0.5 s.
  public static let refusalLifetime: Duration = .seconds(1)
  /// How long an answer of the local Redis proves that it lives.
  public static let localProofLifetime: Duration = .seconds(1)
  /// For how long after a silence of the local Redis what comes over its channel may be older than that.
  public static let backlogTime: Duration = .milliseconds(500)
  /// How long an observation of acknowledging replicas counts (`blind replicas`).
  public static let acknowledgementLifetime: Duration = .milliseconds(250)

  /// The least kernel lifetime: the kernel's check does not rerun within a second
  /// (`devinet.c` ADDRCONF_TIMER_FUZZ).
  public static let minKernelSeconds = 2
  /// How early the kernel may be in removing an expired address (ADDRCONF_TIMER_FUZZ, HZ / 4).
  public static let kernelEarliness: Duration = .milliseconds(250)
  /// How late the kernel may be in removing an expired address: its check runs once a second.
  public static let kernelLateness: Duration = .seconds(1)
  /// How long after `down-after` an address may last: a promotion takes at least 0.28 s more.
  public static let promotionDelay: Duration = .milliseconds(200)
  /// With less left than this the kernel's lifetime is renewed even at an unfavourable moment.
  public static let renewalReserve: Duration = .milliseconds(800)

  /// How long after the end of a lease its holder's address may last in a late kernel.
  public static let kernelGrace: Duration = leaseMargin + promotionDelay

  /// How long one Sentinel's confirmation lasts after the pong on which it rests.
  public static func lease(downAfter: Duration, limit: Duration?) -> Duration {
    let length = max(min(downAfter - leaseMargin, maxLease), shortestLease)
    return min(length, limit ?? length)
  }

  /// How many seconds the kernel may keep an address whose lease has so much left.
  ///
  /// Rounded down, so that even a late kernel does not outlast what Sentinel waits, but never
  /// under what the kernel can count.
  public static func kernelSeconds(leaseLeft: Duration) -> Int {
    let bound = leaseLeft + kernelGrace - kernelLateness
    return max(minKernelSeconds, Int(bound.components.seconds))
  }

  /// The least time between two renewals of the kernel lifetime.
  public static let renewalInterval: Duration = .seconds(1)

  /// How long a node must be entitled to an address that it can't have before its writes are
  /// given back without it: long enough for any probe.
  public static let entitledPatience: Duration = .seconds(1)
  /// How long after an order about the fence that Redis refused the next is tried.
  public static let fenceRetry: Duration = .seconds(5)
  /// How long after a failed `CONFIG REWRITE` the next is tried; it costs an fsync.
  public static let persistRetry: Duration = .seconds(30)
  /// How long a promoted master may go unnamed before it is treated as one that nobody wants;
  /// flip to naming was measured at 0.7–1.1 s.
  public static let namingLimit: Duration = .seconds(5)

  /// For how long an address without a lifetime, found at the start, waits for the Sentinels and
  /// the local Redis: some polls, and a connection that has to be tried again.
  public static let adoptionPatience: Duration = .seconds(3)
  /// For how long it stays while they name this node: the longest take begins within the patience.
  public static let adoptionLimit: Duration = adoptionPatience + minSettling + maxLease

  /// How long a finished probe stays valid.
  public static let probeLifetime: Duration = .seconds(1)
  /// How long a probe takes: two packets 20 ms apart, and 20 ms for the answer.
  public static let probeDuration: Duration = .milliseconds(40)
  /// When a probe counts as lost by the shell, and is sent again.
  public static let probeTimeout: Duration = .milliseconds(500)
  /// The pause before probing again an address that another machine answered for.
  public static let probeRetry: Duration = .milliseconds(250)

  /// Repairs in a row before the first pause; the pause doubles from 100 ms to 5 s.
  public static let freeRepairs = 2
  /// The longest pause between two repairs of an address.
  public static let maxRepairPause: Duration = .seconds(5)
  /// A repair is forgotten after this.
  public static let repairMemory: Duration = .seconds(10)
  /// The least time between two defences of an address (RFC 5227 §1.1 DEFEND_INTERVAL).
  public static let defendInterval: Duration = .seconds(10)
  /// A conflict is over when no claim was seen for this long.
  public static let conflictSilence: Duration = .seconds(2)

  /// For how long all Sentinels must list the same ones before those that none lists no longer count.
  public static let agreementTime: Duration = .seconds(60)
  /// How long a list of Sentinels counts: they are asked for each 10 s, and half of that again.
  public static let listLifetime: Duration = .seconds(15)
  /// How long after a Sentinel reports another number of Sentinels its list may explain it: the list is
  /// asked for with the next tick, and answered as late as a poll.
  public static let listDelay: Duration = .seconds(1)
  /// A Sentinel says hello each 2 s (`sentinel.c` SENTINEL_PUBLISH_PERIOD): one whose last hello is no
  /// older than this may live, and is not forgotten on the operator's word.
  public static let helloLifetime: Duration = .seconds(10)
  /// One whose last hello was no older than this when it was listed lives, whatever the operator said:
  /// half of the above, so that hosts that look at different times come to one end.
  public static let freshHello: Duration = .seconds(5)

  /// More Sentinels than this are not believed: the report is wrong or hostile.
  public static let maxSentinels = 64

  // A death that is known.

  /// How long the Sentinels that are connected may take to answer before a majority is enough.
  public static let deathPatience: Duration = .milliseconds(100)
  /// How long the Sentinels and the replicas may take before a known death is left to Sentinel: what
  /// they agree on must be as fresh as a contact.
  public static let deathLimit: Duration = contactWindow
  /// For how long after a death what forbids a failover may pass: shorter than a start of Redis is held.
  public static let deathGrace: Duration = .seconds(4)
  /// How long before the first Sentinel finds a master down nothing is ordered any more.
  public static let orderMargin: Duration = .seconds(1)
  /// How long a master that was restarted is compared with its replicas: they keep their data until it
  /// serves them a full synchronization, which it delays by 5 s (`repl-diskless-sync-delay`).
  public static let restartLimit: Duration = .seconds(8)
  /// For how long one that came back with less waits for a Sentinel that chooses a replica that has most:
  /// two INFOs to a replica whose link is down, and well before it has lost what it had.
  public static let emptiedPatience: Duration = .seconds(2)
  /// For how long its replicas surely have what they had: half a second less than it delays a full
  /// synchronization (`repl-diskless-sync-delay`), for it began to do so before it was noticed.
  public static let syncDelay: Duration = .milliseconds(4_500)
  /// How often it is asked again how much it has, and its replicas.
  public static let identityRetry: Duration = .milliseconds(100)
  /// How often a replica that is not synchronized is asked again whether it is.
  public static let linkQuestion: Duration = .seconds(1)
  /// How long a holder must hear nothing from beyond its host before it asks the replicas.
  public static let isolationQuestion: Duration = contactWindow
  /// How often it asks them again.
  public static let isolationRetry: Duration = .milliseconds(100)
  /// How long a holder that hears nothing from beyond its host leaves its fence open: half a second
  /// is two polls and a margin, and less than any link that comes up again takes.
  public static let isolationLimit: Duration = .milliseconds(500)
  /// Between two failovers that daemons order lies so much time: what kills every master must not walk
  /// through all replicas.
  public static let deathInterval: Duration = .seconds(60)
  /// With a shorter `down-after` the other Sentinels may begin a failover of their own before they
  /// hear of one that was ordered, be it by its second hello (`sentinel.c` SENTINEL_PUBLISH_PERIOD).
  public static let minDownAfterForOrders: Duration = .milliseconds(2_000)

  // A planned move.

  /// How often the driver of a move repeats its offer: the other daemon's heartbeat.
  public static let moveOfferInterval: Duration = .milliseconds(500)
  /// A Sentinel is told to fail over only while the target answered an offer that is no older.
  public static let moveAnswerLifetime: Duration = .milliseconds(1_500)
  /// After so long without an offer the target takes the driver for dead; longer than
  /// `moveAnswerLifetime` and the age of a view, so that it then sees what was commanded before.
  public static let moveSilence: Duration = .seconds(2)
  /// How long a replica that said that it is about to be stopped counts as missing although it goes on:
  /// its unit may have failed to stop it, or its operator thought better of it.
  public static let replicaStopLimit: Duration = .seconds(10)
  /// How long the questions of a preflight may take.
  public static let preflightLimit: Duration = .seconds(2)
  /// How long after a refusal that may pass a move before a stop (a handover) asks all anew.
  public static let preflightRetry: Duration = .milliseconds(500)
  /// How long the target may take to get ready; its own questions take less than a second.
  public static let moveAnswerLimit: Duration = .seconds(3)
  /// How long a Sentinel may take to see a changed priority: it asks INFO each 10 s
  /// (`sentinel.c` SENTINEL_INFO_PERIOD), and half of that again.
  public static let preferenceLimit: Duration = .seconds(15)
  /// How long the fence may take to close: one round trip to a local Redis.
  public static let closingLimit: Duration = .seconds(1)
  /// How long the replicas may take to get everything; measured at 0.4–4 ms.
  public static let drainLimit: Duration = .seconds(1)
  /// How long the Sentinels may take to answer once more before one is commanded.
  public static let commandLimit: Duration = .seconds(1)
  /// How long a commanded Sentinel may take to select a replica; measured at 0.1–0.3 s.
  public static let selectionLimit: Duration = .seconds(3)
  /// For how long the driver of a move keeps the address once its target is selected: a probe of
  /// the target's, begun then, is just over at the earliest promotion (a tick of Sentinel's timer,
  /// 52 to 100 ms).
  public static let handOverDelay: Duration = .milliseconds(30)
  /// How long a selected replica may take to be named; measured at 0.8–1.1 s.
  public static let promotionLimit: Duration = .seconds(10)
  /// How long the old master may take to become a replica; Sentinel itself needs 10–12 s.
  public static let demotionLimit: Duration = .seconds(30)
  /// How long a fence may take to be armed again after an undone move: the address may have to
  /// come back first, after a yield and a lease.
  public static let reopeningLimit: Duration = .seconds(15)
  /// How long a Sentinel must be back before an order whose answer was lost counts as not begun:
  /// what lay in the buffers of the old connection was read long before.
  public static let lostCommandGrace: Duration = .seconds(1)
  /// How long after `failover-timeout` an order to a Sentinel that nobody reaches is void: it gives
  /// up a promotion by then, and TILT lasts 30 s (`sentinel.c` SENTINEL_TILT_PERIOD).
  public static let deadCommandGrace: Duration = .seconds(60)
  /// How long a holder that finds its fence closed waits for Sentinels that it has not heard.
  public static let foundClosedPatience: Duration = .seconds(2)
  /// A vote is about a failover that may still begin (`sentinel.c` SENTINEL_ELECTION_TIMEOUT).
  public static let electionLifetime: Duration = .seconds(10)
  /// How often the target of a move looks after a silent driver's fence.
  public static let relieveInterval: Duration = .seconds(1)
  /// For how long it does; by then the driver's daemon was started again, or an operator looks.
  public static let relieveLimit: Duration = .seconds(60)
  /// How often the local priority is asked for, or set again after a failure.
  public static let priorityRetry: Duration = .seconds(1)
}
