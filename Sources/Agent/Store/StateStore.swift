import FailoverCore
import Logging
import NIOCore
import NIOPosix

/// What was kept of a group by an earlier daemon.
struct StoredState: Equatable, Sendable {
  var proof: LeaseProof?
  var rememberedSentinels = 0
  var knownSentinels: [KnownSentinel] = []
  var pause: Pause?
  var fence: FenceMemory?
  var priority: PriorityMemory?
}

/// Keeps what must survive the daemon, and the host: written off the event loop, and atomically.
///
/// The proof of the last holding lies beside the control socket and is void after a boot; the
/// rest lies in the state directory. A directory that is full or can't be written to is logged,
/// and stops nothing.
final class StateStore {
  private let runDirectory: String
  private let stateDirectory: String
  /// Whether anything is written; a single decision leaves no trace.
  private let keepsState: Bool
  private let pool: NIOThreadPool
  private let loop: any EventLoop
  private let clock: HostClock
  private let logger: Logger
  private let bootID: String
  private var records: [String: StateRecord] = [:]
  /// What is to be written of each file, and was not yet.
  private var wanted: [String: Draft] = [:]
  private var isWriting = false
  private var complainedAt: Instant?
  private var afterwards: [() -> Void] = []

  /// The newest content of a file.
  private struct Draft {
    /// Nothing to remove the file.
    var content: [UInt8]?
    /// Whether it must outlast the power, and so be on the disk before it takes the old one's place.
    var isLasting: Bool
  }

  init(
    runDirectory: String, stateDirectory: String, keepsState: Bool = true, pool: NIOThreadPool,
    loop: any EventLoop, clock: HostClock, logger: Logger
  ) {
    self.runDirectory = runDirectory
    self.stateDirectory = stateDirectory
    self.keepsState = keepsState
    self.pool = pool
    self.loop = loop
    self.clock = clock
    self.logger = logger
    bootID = SmallFile.text(at: "/proc/sys/kernel/random/boot_id") ?? ""
  }

  /// Reads what was kept of a group, off the event loop.
  ///
  /// What this daemon itself kept is newer than its files, which may wait for the disk.
  func load(_ masterName: String, then use: @escaping (StoredState) -> Void) {
    let (proofPath, statePath) = (proofPath(masterName), statePath(masterName))
    // It may be handed to the pool behind this.
    let waiting = wanted[proofPath]
    pool.runIfActive(eventLoop: loop) {
      (SmallFile.text(at: proofPath), SmallFile.text(at: statePath))
    }
    .assumeIsolated().whenComplete { [self] result in
      var (proofText, stateText) = (try? result.get()) ?? (nil, nil)
      if let draft = wanted[proofPath] ?? waiting {
        proofText = draft.content.map { String(decoding: $0, as: UTF8.self) }
      }
      let record =
        records[masterName] ?? stateText.flatMap(StateRecord.init(text:)) ?? StateRecord()
      records[masterName] = record
      use(
        StoredState(
          proof: proofText.flatMap { LeaseProof(text: $0, bootID: bootID) }
            ?? record.heldEpoch.map(proofOfAnotherBoot),
          rememberedSentinels: record.sentinels, knownSentinels: record.known, pause: pause(record),
          // Who keeps no state leaves the fence to those who do.
          fence: keepsState ? record.fence : nil, priority: keepsState ? record.priority : nil))
    }
  }

  /// Keeps the proof of a holding, or removes it.
  ///
  /// Its epoch also survives a boot: the last holder of an epoch may return as soon as all
  /// Sentinels agree on it, without the wait of a newcomer.
  func keep(_ proof: LeaseProof?, of masterName: String) {
    let content = proof.map { Array($0.text(bootID: bootID).utf8) }
    write(Draft(content: content, isLasting: false), to: proofPath(masterName))
    guard records[masterName, default: StateRecord()].heldEpoch != proof?.configEpoch else {
      return
    }
    records[masterName, default: StateRecord()].heldEpoch = proof?.configEpoch
    writeRecord(masterName)
  }

  /// A proof of which only the epoch is worth anything: it is older than any lease.
  private func proofOfAnotherBoot(epoch: UInt64) -> LeaseProof {
    LeaseProof(provenAt: clock.now() - .seconds(86_400), configEpoch: epoch)
  }

  /// Keeps which Sentinels are known.
  func keep(_ known: [KnownSentinel], of masterName: String) {
    records[masterName, default: StateRecord()].known = known
    writeRecord(masterName)
  }

  /// Keeps the number of Sentinels that counts.
  func remember(sentinels count: Int, of masterName: String) {
    records[masterName, default: StateRecord()].sentinels = count
    writeRecord(masterName)
  }

  /// Keeps a pause, by the wall clock: it has to expire also while the host is off.
  func keep(_ pause: Pause?, of masterName: String) {
    records[masterName, default: StateRecord()].pause = pause.map { pause in
      pause.until.map { until in
        .until(wallNanoseconds: clock.wallNanoseconds() + (until - clock.now()).wholeNanoseconds)
      } ?? .forever
    }
    writeRecord(masterName)
  }

  /// Keeps what is to be known about the fence, or removes it.
  func keep(_ memory: FenceMemory?, of masterName: String) {
    records[masterName, default: StateRecord()].fence = memory
    writeRecord(masterName)
  }

  /// Keeps what is to be restored of the local priority, or that nothing is.
  func keep(_ memory: PriorityMemory?, of masterName: String) {
    records[masterName, default: StateRecord()].priority = memory
    writeRecord(masterName)
  }

  /// Calls back once everything that was given so far is written, or has failed.
  func whenWritten(_ call: @escaping () -> Void) {
    guard isWriting || !wanted.isEmpty else { return call() }
    afterwards.append(call)
  }

  private func pause(_ record: StateRecord) -> Pause? {
    switch record.pause {
    case nil: return nil
    case .forever: return Pause(until: nil)
    case .until(let wall):
      let left = wall - clock.wallNanoseconds()
      return left > 0 ? Pause(until: clock.now() + .nanoseconds(left)) : nil
    }
  }

  private func proofPath(_ masterName: String) -> String {
    "\(runDirectory)/\(SmallFile.name(for: masterName)).proof"
  }

  private func statePath(_ masterName: String) -> String {
    "\(stateDirectory)/\(SmallFile.name(for: masterName)).state"
  }

  private func writeRecord(_ masterName: String) {
    let text = records[masterName, default: StateRecord()].text
    write(Draft(content: Array(text.utf8), isLasting: true), to: statePath(masterName))
  }

  /// Writes the newest content of each file, one file at a time: a disk that hangs costs one
  /// thread and no memory.
  private func write(_ draft: Draft, to path: String) {
    guard keepsState else { return }
    wanted[path] = draft
    writeNext()
  }

  private func writeNext() {
    guard !isWriting else { return }
    guard let (path, draft) = wanted.first else {
      let calls = afterwards
      afterwards = []
      for call in calls { call() }
      return
    }
    wanted.removeValue(forKey: path)
    isWriting = true
    pool.runIfActive(eventLoop: loop) {
      SmallFile.replace(path, with: draft.content, isLasting: draft.isLasting)
    }
    .assumeIsolated().whenComplete { [self] result in
      isWriting = false
      if case .success(let problem?) = result { complain(problem) }
      writeNext()
    }
  }

  private func complain(_ problem: String) {
    let now = clock.now()
    if let last = complainedAt, now - last < .seconds(60) { return }
    complainedAt = now
    logger.warning("\(problem); what it would have kept is lost with this daemon")
  }
}
