/// Something wrong with a group that an operator should look at now: `status` exits with 3.
///
/// Unlike an alarm, which tells what happened, it stands as long as it is so.
package struct GroupProblem: Equatable, Sendable {
  /// The label of the metric, and the id in the JSON; never changed once released.
  package let label: String
  /// The cause, then what to do, in one sentence or two.
  package let sentence: String

  package init(label: String, sentence: String) {
    self.label = label
    self.sentence = sentence
  }
}
