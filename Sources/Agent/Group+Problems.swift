import FailoverCore

/// Something wrong with a group that an operator should look at now: `status` exits with 3.
///
/// Unlike an alarm, which tells what happened, it stands as long as it is so.
struct GroupProblem: Equatable, Sendable {
  /// The label of the metric, and the id in the JSON; never changed once released.
  let label: String
  /// The cause, then what to do, in one sentence or two.
  let sentence: String
}

extension Group {
  /// What is wrong with the group now, as far as this host knows; empty if all is well.
  var problems: [GroupProblem] {
    instanceProblems
  }
}
