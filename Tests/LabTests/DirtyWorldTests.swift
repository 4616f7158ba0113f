import Foundation
import Testing

@testable import Lab

extension RealServers {
  /// Each row of what must not take the address away.
  ///
  /// Rows mostly wait, so all are done side by side when the first is asked for. The variable
  /// `LAB_DIRTY` names the rows to be done where not all shall be.
  @Suite("A dirty world")
  struct DirtyWorld {
    static let rows =
      ProcessInfo.processInfo.environment["LAB_DIRTY"].map { names in
        DirtyRow.allCases.filter { names.split(separator: ",").contains(Substring($0.rawValue)) }
      } ?? DirtyRow.allCases

    @Test(arguments: rows)
    func `What happens is harmless, or is told as it must be`(row: DirtyRow) throws {
      let outcome = try #require(Self.outcomes[row])
      if let first = outcome.disturbed {
        Issue.record("done again, since the machine was too busy: \(first)", severity: .warning)
      }
      #expect(outcome.last.failures.isEmpty, "\(outcome.last.text)")
    }

    /// What a row gave, and what a run gave before that was not as it must be on a busy machine.
    struct Outcome {
      var last: DirtyOutcome
      var disturbed: String?
    }

    /// All rows, done once.
    static let outcomes: [DirtyRow: Outcome] = {
      let programs = DirtyPrograms(
        vipd: Laboratory.neighbour("vipd"), vipctl: Laboratory.neighbour("vipctl"),
        client: Laboratory.neighbour("lab-client"))
      // The long ones first, so that none is waited for alone.
      let long: [DirtyRow] = [
        .phantomReset, .firstConfiguration, .firstConfigurationFenced, .clonedID,
        .phantomForgotten, .sentinelClockBack, .twoSentinelClocksBack,
      ]
      let order = rows.filter(long.contains) + rows.filter { !long.contains($0) }
      var outcomes: [DirtyRow: Outcome] = [:]
      for outcome in DirtyRow.run(order, programs, labs: 5) {
        outcomes[outcome.row] = Outcome(last: outcome)
        guard outcome.disturbance != nil, !outcome.failures.isEmpty else { continue }
        let again = DirtyRow.run([outcome.row], programs, labs: 1)
        guard let last = again.first else { continue }
        outcomes[outcome.row] = Outcome(last: last, disturbed: outcome.text)
      }
      return outcomes
    }()
  }
}
