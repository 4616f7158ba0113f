import Addresses
import FailoverCore
import Glibc
import Kernel
import LinuxNetwork
import NIOCore
import Platform

/// Reads the clients of virtual addresses from the kernel, in slices on the event loop.
///
/// Ten thousand connections take the kernel some 8 ms to tell. The loop decides meanwhile, so the
/// census reads about a millisecond's worth and lets it run; and it rests after each reading for
/// so long that all of them together take no more than a hundredth of a processor.
final class SessionCensus {
  /// Datagrams in a slice: some 1,100 connections, 0.9 ms.
  static let datagramsInSlice = 4
  /// The pause between two slices; whatever has come in is handled in it.
  static let pause = TimeAmount.milliseconds(1)
  /// How often the time that a reading took is rested after it.
  static let restFactor = 99
  /// Readings that may wait; a group has one at a time, and two around a take.
  static let queueLimit = 1_000

  /// What a reading gave, or nil if the kernel can't tell.
  ///
  /// For each endpoint the clients in the kernel's order; and how many found no room.
  typealias Reading = (clients: [[PackedEndpoint]], excess: Int)

  private struct Job {
    let endpoints: [Endpoint]
    let limit: Int
    let deliver: (Reading?) -> Void
    var clients: [[PackedEndpoint]] = []
    var excess = 0
    var cost = Duration.zero
  }

  private let sessions: any HostSessions
  private let loop: any EventLoop
  private let clock: HostClock
  private var urgent: [Job] = []
  private var queue: CircularBuffer<Job> = []
  private var current: Job?
  private var timer: Scheduled<Void>?
  private var restsUntil: Instant?
  private var hasEnded = false
  /// Processor time that reading has taken so far.
  private(set) var spent = Duration.zero

  init(_ sessions: any HostSessions, loop: any EventLoop, clock: HostClock) {
    self.sessions = sessions
    self.loop = loop
    self.clock = clock
  }

  /// Reads the clients of some addresses and ports.
  ///
  /// - Parameters:
  ///   - endpoints: the local ends.
  ///   - limit: how many clients of one end to keep.
  ///   - isUrgent: whether it begins at once, rested or not; as on a take, which is rare.
  ///   - deliver: called on the loop with what was read.
  func read(
    _ endpoints: [Endpoint], limit: Int, isUrgent: Bool = false,
    deliver: @escaping (Reading?) -> Void
  ) {
    let job = Job(endpoints: endpoints, limit: limit, deliver: deliver)
    guard urgent.count + queue.count < Self.queueLimit, !hasEnded else { return deliver(nil) }
    if isUrgent { urgent.append(job) } else { queue.append(job) }
    guard current == nil else { return }
    timer?.cancel()
    timer = nil
    goOn()
  }

  /// Ends: nothing is delivered any more.
  func end() {
    hasEnded = true
    timer?.cancel()
    current = nil
    urgent = []
    queue = []
  }

  /// Reads a slice, or begins with the next job once it is time.
  private func goOn() {
    guard !hasEnded else { return }
    if current == nil {
      if !urgent.isEmpty {
        current = urgent.removeFirst()
      } else if !queue.isEmpty {
        if let rest = restsUntil, rest > clock.now() { return schedule(in: rest - clock.now()) }
        current = queue.removeFirst()
      } else {
        return
      }
    }
    let isDone = measured { readSlice() }
    if isDone { finish() }
    if current != nil || !urgent.isEmpty || !queue.isEmpty { schedule(in: nil) }
  }

  private func schedule(in time: Duration?) {
    guard timer == nil else { return }
    let delay = time.map { TimeAmount.nanoseconds($0.wholeNanoseconds) } ?? Self.pause
    timer = loop.assumeIsolated().scheduleTask(in: max(delay, Self.pause)) { [weak self] in
      self?.timer = nil
      self?.goOn()
    }
  }

  /// Reads on; whether the job is done.
  private func readSlice() -> Bool {
    guard var job = current else { return true }
    // So that the array is changed in place and not copied.
    current = nil
    defer { current = job }
    let index = max(0, job.clients.count - 1)
    if job.clients.isEmpty {
      guard !job.endpoints.isEmpty else { return true }
      guard sessions.beginReadingClients(of: job.endpoints[0]) else { return fail(&job) }
      job.clients.append([])
    }
    guard
      let part = sessions.readClients(
        datagrams: Self.datagramsInSlice, into: &job.clients[index], limit: job.limit)
    else { return fail(&job) }
    job.excess += part.excess
    guard part.isComplete else { return false }
    guard job.clients.count < job.endpoints.count else { return true }
    guard sessions.beginReadingClients(of: job.endpoints[job.clients.count]) else {
      return fail(&job)
    }
    job.clients.append([])
    return false
  }

  private func fail(_ job: inout Job) -> Bool {
    job.clients = []
    return true
  }

  private func finish() {
    guard let job = current else { return }
    current = nil
    let isRead = job.clients.count == job.endpoints.count
    // What is made of the reading belongs to its cost.
    let before = spent
    _ = measured {
      job.deliver(isRead ? (job.clients, job.excess) : nil)
      return true
    }
    restsUntil = clock.now() + (job.cost + (spent - before)) * Self.restFactor
  }

  /// Does something, and counts its processor time (clock_gettime(2)).
  private func measured(_ work: () -> Bool) -> Bool {
    let begun = Self.processorTime()
    let result = work()
    let cost = Self.processorTime() - begun
    spent += cost
    current?.cost += cost
    return result
  }

  private static func processorTime() -> Duration {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
