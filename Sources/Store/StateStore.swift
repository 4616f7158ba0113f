package import FailoverCore
import Glibc
package import Logging
package import NIOCore
package import Platform

/// What was kept of a group by an earlier daemon.
package struct StoredState: Equatable, Sendable {
  package var proof: LeaseProof?
  package var rememberedSentinels = 0
  package var knownSentinels: [KnownSentinel] = []
  package var pause: Pause?
  package var fence: FenceMemory?
  package var priority: PriorityMemory?
}

/// Keeps what must survive the daemon, and the host: written off the event loop, and atomically.
///
/// The proof of the last holding lies beside the control socket and is void after a boot; the
/// rest lies in the state directory. A directory that is full or can't be written to is logged,
/// and stops nothing; the two don't wait for one another, for one is in memory and one on a disk.
package final class StateStore {
  private let runDirectory: String
  private let stateDirectory: String
  /// Whether anything is written; a single decision leaves no trace.
  package let keepsState: Bool
  private let patience: Duration
  private let loop: any EventLoop
  private let clock: HostClock
  private let logger: Logger
  private let bootID: String
  private var records: [String: StateRecord] = [:]
  /// The proofs, or that there is none, as this daemon read or kept them last.
  private var proofs: [String: LeaseProof?] = [:]
  /// Every master name that was asked for.
  private var masterNames: Set<String> = []
  private lazy var failureLog = RateLimitedLog(logger, clock: clock)
  /// The groups whose files the disk has not given for longer than `WriteQueue.patience`: they begin
  /// once it does, for what they keep must not be written over unread.
  package private(set) var unreadMasterNames: Set<String> = []
  private lazy var runFiles = WriteQueue(loop: loop) { [weak self] in self?.complain($0) }
  private lazy var stateFiles = WriteQueue(loop: loop) { [weak self] in self?.complain($0) }

  package init(
    runDirectory: String, stateDirectory: String, keepsState: Bool = true,
    patience: Duration = WriteQueue.patience, loop: any EventLoop, clock: HostClock, logger: Logger
  ) {
    self.patience = patience
    self.runDirectory = runDirectory
    self.stateDirectory = stateDirectory
    self.keepsState = keepsState
    self.loop = loop
    self.clock = clock
    self.logger = logger
    bootID = SmallFile.text(at: "/proc/sys/kernel/random/boot_id") ?? ""
  }

  /// Reads what was kept of a group, off the event loop.
  ///
  /// What this daemon itself read or kept is newer than its files, which may wait for the disk.
  package func load(_ masterName: String, then use: @escaping (StoredState) -> Void) {
    masterNames.insert(masterName)
    guard records[masterName] == nil || proofs[masterName] == nil else {
      return loop.assumeIsolated().execute { [self] in use(stored(masterName)) }
    }
    let (proofPath, statePath) = (proofPath(masterName), statePath(masterName))
    let earlierPath = GroupFileName.earlierName(for: masterName).map(path(ofRecord:))
    let timer = loop.assumeIsolated().scheduleTask(
      in: .nanoseconds(patience.wholeNanoseconds)
    ) { [weak self] in self?.noteUnread(masterName) }
    stateFiles.read {
      StoredFiles(proof: proofPath, state: statePath, earlierState: earlierPath)
    } then: { [self] files in
      timer.cancel()
      unreadMasterNames.remove(masterName)
      take(files, of: masterName)
      use(stored(masterName))
    }
  }

  private func noteUnread(_ masterName: String) {
    unreadMasterNames.insert(masterName)
    logger.warning("\(Self.unread(masterName, in: stateDirectory))")
  }

  /// What is wrong with a group whose files can't be read.
  package static func unread(_ masterName: String, in directory: String) -> String {
    "\(masterName) has not begun: what is kept of it in \(directory) can't be read, since the disk does "
      + "not answer. It begins as soon as it does"
  }

  private func take(_ files: StoredFiles, of masterName: String) {
    if proofs[masterName] == nil {
      proofs[masterName] = .some(files.proof.flatMap { LeaseProof(text: $0, bootID: bootID) })
    }
    guard records[masterName] == nil else { return }
    if let problem = files.problem { complain(problem.description) }
    guard let text = files.state else { return records[masterName] = StateRecord() }
    var damage = StateRecord.Damage()
    let record = StateRecord(text: text, &damage)
    records[masterName] = files.isEarlier && isShared(masterName) ? record.countAlone : record
    guard files.isEarlier || !damage.isEmpty else { return }
    if !damage.isEmpty {
      logger.warning("\(damage.sentence(of: statePath(masterName), record))")
    }
    writeRecord(masterName)
  }

  /// Whether another group had the same file when names were cut: its content may be the other's.
  private func isShared(_ masterName: String) -> Bool {
    let earlier = GroupFileName.earlierName(for: masterName)
    return masterNames.contains { other in
      // What was not cut has the same name still.
      let name = GroupFileName.earlierName(for: other) ?? GroupFileName.name(for: other)
      return other != masterName && name == earlier
    }
  }

  /// Whether the local Redis of a group may still have what a fence set.
  package func remembersFence(of masterName: String) -> Bool {
    records[masterName]?.fence != nil
  }

  private func stored(_ masterName: String) -> StoredState {
    let record = records[masterName, default: StateRecord()]
    return StoredState(
      proof: proofs[masterName].flatMap(\.self) ?? record.heldEpoch.map(proofOfAnotherBoot),
      rememberedSentinels: record.sentinels, knownSentinels: record.known, pause: pause(record),
      // Who keeps no state leaves the fence to those who do.
      fence: keepsState ? record.fence : nil, priority: keepsState ? record.priority : nil)
  }

  /// Keeps the proof of a holding, or removes it.
  ///
  /// Its epoch also survives a boot: the last holder of an epoch may return as soon as all
  /// Sentinels agree on it, without the wait of a newcomer.
  package func keep(_ proof: LeaseProof?, of masterName: String) {
    proofs[masterName] = .some(proof)
    let content = proof.map { Array($0.text(bootID: bootID).utf8) }
    if keepsState {
      runFiles.replace(proofPath(masterName), with: .init(content: content, isLasting: false))
    }
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
  package func keep(_ known: [KnownSentinel], of masterName: String) {
    records[masterName, default: StateRecord()].known = known
    writeRecord(masterName)
  }

  /// Keeps the number of Sentinels that counts.
  package func remember(sentinels count: Int, of masterName: String) {
    records[masterName, default: StateRecord()].sentinels = count
    writeRecord(masterName)
  }

  /// Keeps a pause, by the wall clock: it has to expire also while the host is off.
  package func keep(_ pause: Pause?, of masterName: String) {
    records[masterName, default: StateRecord()].pause = pause.map { pause in
      pause.until.map { until in
        .until(wallNanoseconds: clock.wallNanoseconds() + (until - clock.now()).wholeNanoseconds)
      } ?? .forever
    }
    writeRecord(masterName)
  }

  /// Keeps what is to be known about the fence, or removes it.
  package func keep(_ memory: FenceMemory?, of masterName: String) {
    records[masterName, default: StateRecord()].fence = memory
    writeRecord(masterName)
  }

  /// Keeps what is to be restored of the local priority, or that nothing is.
  package func keep(_ memory: PriorityMemory?, of masterName: String) {
    records[masterName, default: StateRecord()].priority = memory
    writeRecord(masterName)
  }

  /// Calls back once what was given so far is written, or has failed, or takes longer than
  /// `WriteQueue.patience`.
  ///
  /// - Parameters:
  ///   - masterName: the group that is waited for, whatever others write; nil for all.
  ///   - call: called at once if nothing is to be written.
  package func whenWritten(of masterName: String? = nil, _ call: @escaping () -> Void) {
    var waiting = 2
    let isDone = {
      waiting -= 1
      if waiting == 0 { call() }
    }
    runFiles.whenWritten(masterName.map(proofPath), isDone)
    stateFiles.whenWritten(masterName.map(statePath), isDone)
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
    "\(runDirectory)/\(GroupFileName.name(for: masterName)).proof"
  }

  private func statePath(_ masterName: String) -> String {
    path(ofRecord: GroupFileName.name(for: masterName))
  }

  private func path(ofRecord name: String) -> String { "\(stateDirectory)/\(name).state" }

  private func writeRecord(_ masterName: String) {
    guard keepsState else { return }
    let text = records[masterName, default: StateRecord()].text
    stateFiles.replace(
      statePath(masterName), with: .init(content: Array(text.utf8), isLasting: true))
  }

  private func complain(_ problem: String) {
    failureLog.warning("\(problem); what it would have kept is lost with this daemon")
  }
}

/// What the files of a group hold.
private struct StoredFiles: Sendable {
  /// The text of the proof.
  let proof: String?
  /// The text of the record.
  private(set) var state: String?
  /// Whether the record lies where an earlier version had it.
  private(set) var isEarlier = false
  /// Why the record can't be read although it is there.
  private(set) var problem: FileProblem?

  /// Reads them; blocks.
  ///
  /// A proof is read from no other place: an old one that was not removed would be a wrong one.
  init(proof proofPath: String, state statePath: String, earlierState earlierPath: String?) {
    proof = SmallFile.text(at: proofPath)
    for path in [statePath, earlierPath].compactMap(\.self) {
      switch SmallFile.read(path) {
      case .success(let bytes):
        state = String(decoding: bytes, as: UTF8.self)
        isEarlier = path != statePath
        return
      case .failure(let problem):
        guard problem.code == ENOENT else {
          self.problem = problem
          return
        }
      }
    }
  }
}
