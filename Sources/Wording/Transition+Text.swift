import FailoverCore

extension Transition {
  /// What happened and why, in a line.
  package var sentence: String {
    if from != to { return "\(from.rawValue) -> \(to.rawValue): \(reason.sentence)" }
    if basis == .none { return "\(to.rawValue): \(reason.sentence)" }
    return "\(to.rawValue), now on \(basis.phrase): \(reason.sentence)"
  }
}

extension LeaseBasis {
  /// What the holding rests on, as a phrase.
  package var phrase: String {
    switch self {
    case .sentinels: "confirmations"
    case .refusals: "refused connections"
    case .replicas: "acknowledgements"
    case .follower: "the word of the node that Sentinel names"
    case .provisional: "the promotion alone"
    case .policy: "the operator's word"
    case .none: "nothing"
    }
  }
}
