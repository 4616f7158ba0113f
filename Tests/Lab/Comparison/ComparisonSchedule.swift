/// In which order the runs of a comparison are made.
///
/// Contestants take turns: what disturbs the machine for a while hits all alike. A disturbed run is
/// repeated once.
struct ComparisonSchedule: Equatable {
  /// A run to make.
  struct Job: Equatable, Sendable {
    let setting: ComparisonSetting
    let isRepeat: Bool
  }

  private var waiting: [Job] = []
  private var running = 0
  private var done = 0

  /// All combinations, so many times each.
  init(
    _ contestants: [Contestant], _ faults: [Fault], downAfterMilliseconds: [Int], runs: Int
  ) {
    for round in 0..<runs {
      for time in downAfterMilliseconds {
        for fault in faults {
          let starters = contestants.filter { $0.takesPart(in: fault) }
          // Nobody is always the first after a pause, or the one after the heaviest.
          for place in starters.indices {
            let contestant = starters[(place + round) % starters.count]
            let setting = ComparisonSetting(
              contestant: contestant, fault: fault, downAfterMilliseconds: time)
            waiting.append(Job(setting: setting, isRepeat: false))
          }
        }
      }
    }
  }

  /// How many runs have been made.
  var made: Int { done }
  /// How many runs there are in all, as far as is known.
  var total: Int { done + running + waiting.count }

  /// The next run; nothing if none is left to begin.
  mutating func next() -> Job? {
    guard !waiting.isEmpty else { return nil }
    running += 1
    return waiting.removeFirst()
  }

  /// Takes note that a run is over; a disturbed one is put in again, once.
  mutating func finish(_ job: Job, isDisturbed: Bool) {
    running -= 1
    done += 1
    if isDisturbed, !job.isRepeat {
      waiting.insert(Job(setting: job.setting, isRepeat: true), at: 0)
    }
  }

  /// How many seconds are left, by what the runs have taken so far.
  ///
  /// - Parameter elapsed: the seconds since the first began.
  /// - Returns: nothing before the first is over.
  func secondsLeft(elapsed: Double) -> Double? {
    done == 0 ? nil : elapsed / Double(done) * Double(running + waiting.count)
  }
}
