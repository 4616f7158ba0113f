import Foundation
import Synchronization

/// What real networks, clocks and people do to a cluster, and what must come of it.
public enum DirtyRow: String, CaseIterable, Sendable {
  /// Tools attach to the master as replicas without a port: nothing must come of it.
  case backup
  /// The same with a fence.
  case backupFenced = "backup-fenced"
  /// A Sentinel that does not exist is announced; an operator lets it be forgotten.
  case phantomForgotten = "phantom-forgotten"
  /// The same; `SENTINEL RESET` is done as its documentation says.
  case phantomReset = "phantom-reset"
  /// Two Sentinels have one id, as after cloning a host; then each has its own.
  case clonedID = "cloned-id"
  /// Sentinels are configured by names that are known only later.
  case lateNames = "late-names"
  /// The first address of each name is dead.
  case deadFirstAddress = "dead-first-address"
  /// The name server answers nothing.
  case silentNameServer = "silent-name-server"
  /// The wall clock of a Sentinel is set back.
  case sentinelClockBack = "sentinel-clock-back"
  /// The wall clocks of two of three Sentinels are set back.
  case twoSentinelClocksBack = "two-sentinel-clocks-back"
  /// The wall clock of the holder's host is set ahead.
  case holderClockAhead = "holder-clock-ahead"
  /// Another machine answers every question for the address.
  case foreignAnswer = "foreign-answer"
  /// Sentinel is told to monitor the address itself.
  case monitoredAddress = "monitored-address"
  /// A Sentinel is in protected mode.
  case protectedSentinel = "protected-sentinel"
  /// A Sentinel has as many clients as it takes.
  case fullSentinel = "full-sentinel"
  /// Sentinels do not let `vipd` subscribe.
  case noSubscription = "no-subscription"
  /// The interface of the address loses its carrier, while Sentinel's network lives.
  case carrierLost = "carrier-lost"
  /// The same where the configuration says to move.
  case carrierMoved = "carrier-moved"
  /// `vipd` starts on a master that has the address already, with the prefix of its subnet.
  case adoptedSubnet = "adopted-subnet"
  /// The same, with a /32 for ever.
  case adoptedHost = "adopted-host"
  /// All Sentinels come back with their first files, which name the old master.
  case firstConfiguration = "first-configuration"
  /// The same with a fence.
  case firstConfigurationFenced = "first-configuration-fenced"
  /// Each Sentinel monitors 127.0.0.1, and two Redis become masters.
  case loopbackMonitor = "loopback-monitor"

  /// Whether what is done puts a Sentinel into TILT, so that this is no sign of a busy machine.
  var causesTilt: Bool {
    switch self {
    case .sentinelClockBack, .twoSentinelClocksBack, .holderClockAhead: true
    default: false
    }
  }

  /// Whether a client must not notice anything, beyond what the row says.
  public var isHarmless: Bool {
    switch self {
    case .carrierLost, .carrierMoved, .foreignAnswer, .lateNames, .loopbackMonitor,
      .monitoredAddress:
      false
    default: true
    }
  }

  /// Changes the plan of three hosts in the default configuration.
  func shape(_ plan: inout LabPlan) {
    let fence = "min-replicas all max-lag 1"
    switch self {
    case .backupFenced, .firstConfigurationFenced: plan.fence = fence
    case .lateNames, .deadFirstAddress, .silentNameServer: plan.usesHostNames = true
    case .sentinelClockBack, .twoSentinelClocksBack, .holderClockAhead:
      plan.hasSteppableClocks = true
    case .carrierLost: plan.useClientNetwork()
    case .carrierMoved:
      plan.useClientNetwork()
      plan.fence = fence
      plan.extraConfiguration = ["on-carrier-loss mymaster move"]
    case .backup, .phantomForgotten, .phantomReset, .clonedID, .foreignAnswer, .monitoredAddress,
      .protectedSentinel, .fullSentinel, .noSubscription, .adoptedSubnet, .adoptedHost,
      .firstConfiguration, .loopbackMonitor:
      break
    }
  }

  /// Does it, and notes what is not as it must be.
  func act(_ trial: DirtyTrial) throws(LabError) {
    switch self {
    case .backup, .backupFenced: try trial.backUp()
    case .phantomForgotten: try trial.forgetPhantom()
    case .phantomReset: try trial.resetPhantom()
    case .clonedID: try trial.cloneID()
    case .lateNames: try trial.nameLate()
    case .deadFirstAddress: try trial.nameDeadAddressFirst()
    case .silentNameServer: try trial.askSilentNameServer()
    case .sentinelClockBack: try trial.setClocksBack(on: [3])
    case .twoSentinelClocksBack: try trial.setClocksBack(on: [2, 3])
    case .holderClockAhead: try trial.setHolderAhead()
    case .foreignAnswer: try trial.answerFalsely()
    case .monitoredAddress: try trial.monitorAddress()
    case .protectedSentinel: try trial.protectSentinel()
    case .fullSentinel: try trial.fillSentinel()
    case .noSubscription: try trial.forbidSubscription()
    case .carrierLost: try trial.loseCarrier()
    case .carrierMoved: try trial.moveFromLostCarrier()
    case .adoptedSubnet: try trial.adopt("10.77.0.100/24")
    case .adoptedHost: try trial.adopt("10.77.0.100/32")
    case .firstConfiguration, .firstConfigurationFenced: try trial.restoreFirstFiles()
    case .loopbackMonitor: try trial.monitorLoopback()
    }
  }
}

extension DirtyRow {
  /// Runs rows side by side, each in a lab of its own.
  ///
  /// Rows mostly wait, so several cost little more than one.
  ///
  /// - Parameters:
  ///   - rows: what to do.
  ///   - programs: with what.
  ///   - labs: how many at a time.
  ///   - report: gets each outcome as it comes.
  /// - Returns: the outcomes, in the order of the rows.
  public static func run(
    _ rows: [DirtyRow], _ programs: DirtyPrograms, labs: Int = 4,
    report: @escaping @Sendable (DirtyOutcome) -> Void = { _ in }
  ) -> [DirtyOutcome] {
    let board = DirtyBoard()
    let group = DispatchGroup()
    for _ in 0..<max(1, min(labs, rows.count)) {
      group.enter()
      Thread.detachNewThread {
        while let index = board.next(of: rows.count) {
          let outcome = DirtyTrial.run(rows[index], programs)
          board.outcomes.withLock { $0[index] = outcome }
          report(outcome)
        }
        group.leave()
      }
    }
    group.wait()
    return board.outcomes.withLock { outcomes in rows.indices.compactMap { outcomes[$0] } }
  }
}

/// What the threads of a run share.
private final class DirtyBoard: Sendable {
  private let started = Mutex(0)
  let outcomes = Mutex<[Int: DirtyOutcome]>([:])

  func next(of count: Int) -> Int? {
    started.withLock { number in
      guard number < count else { return nil }
      number += 1
      return number - 1
    }
  }
}
