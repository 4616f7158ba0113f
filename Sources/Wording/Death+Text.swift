import Addresses
import FailoverCore

extension DeathNews {
  /// What happened, as a line.
  package var sentence: String {
    switch self {
    case .known: "the local master is dead: nothing listens at its port any more"
    case .restarted:
      "the local master was restarted; whether it has what its replicas have is looked at"
    case .compared(let replicas) where replicas.isEmpty:
      "no replica could be asked whether the restarted master lacks anything"
    case .compared(let replicas):
      "by its keys and its offset the restarted master lacks nothing that "
        + replicas.map(\.description).joined(separator: " or ")
        + " has; older values of the same keys would not show"
    case .complete(let replicas):
      "the restarted master has every write that "
        + replicas.map(\.description).joined(separator: " or ")
        + " has: its file ends no earlier in their replication stream"
    case .ordered(let through, let chosen):
      "Sentinel \(through) is told to fail over at once, to "
        + chosen.map(\.description).joined(separator: " or ")
        + ": \(chosen.count == 1 ? "it has" : "they have") every write that any replica has"
    case .orderedForLess(let through, let chosen):
      "Sentinel \(through) is told to fail over at once, to "
        + chosen.map(\.description).joined(separator: " or ")
        + ", which may lack writes that another replica has"
    case .left(let refusal):
      "the dead master is left to the Sentinels, which take as long as down-after-milliseconds says: "
        + refusal.sentence
    }
  }

  /// The label of an event.
  package var label: String {
    switch self {
    case .known: "known"
    case .restarted: "restarted"
    case .compared, .complete: "compared"
    case .ordered, .orderedForLess: "ordered"
    case .left: "left"
    }
  }
}

extension DeathRefusal {
  /// Why nothing is ordered, as a clause.
  var sentence: String {
    switch self {
    case .found(let finding): finding.sentence
    case .shortDownAfter(let time):
      "down-after-milliseconds is \(time.shortText), and with less than 2 s the other Sentinels may "
        + "begin a failover of their own"
    case .promotedRecently(let time):
      "this node became the master \(time.shortText) ago, and what killed two masters within a minute "
        + "must not walk through all replicas"
    case .orderedRecently(let time): "a failover was ordered \(time.shortText) ago"
    case .noDaemon(let node):
      "Sentinel would choose \(node), where no vipd says that it could serve"
    case .notChosen(let node):
      "each Sentinel would choose another replica than \(node), which has the most; they know better "
        + "after their next INFO"
    case .notReplicaForAll(let node):
      "Sentinel would choose \(node), which another Sentinel takes for a master still, or does not know"
    case .stillLinked(let node): "\(node) is still connected to a master here"
    case .policy: "'on-death wait' says so"
    case .returned: "its Redis answers again"
    case .sentinelRefused(let id, let text): "Sentinel \(id) refused to fail over: \(text)"
    case .sentinelLost(let id): "the answer of Sentinel \(id) was lost"
    }
  }
}

extension DeathStatus {
  /// What is done about the dead master, as a sentence without its full stop.
  package var sentence: String {
    switch self {
    case .comparing:
      "the local master was restarted, and is compared with its replicas before the fence relaxes"
    case .asking: "the local master is dead; the Sentinels and the replicas are asked"
    case .ordered(let id): "the local master is dead; Sentinel \(id) was told to fail over"
    case .left(let refusal): DeathNews.left(refusal).sentence
    }
  }
}

extension GuardVerdict {
  /// Why a Redis may start or waits, as a clause.
  package var sentence: String {
    switch self {
    case .start(let reason): reason.sentence
    case .wait(.justDied): "it was the master, and is just found dead"
    case .wait(.asking): "it was the master, and its replicas are asked who has most"
    case .wait(.ordered(let id)): "it was the master, and Sentinel \(id) promotes a replica"
    }
  }
}

extension GuardVerdict.StartReason {
  fileprivate var sentence: String {
    switch self {
    case .answers: "it answers already"
    case .policy: "'on-death wait' leaves a death to Sentinel"
    case .paused: "the group is paused here"
    case .wasNoMaster: "it was not the master when it last answered vipd"
    case .succeeded(let node): "\(node) is the master now, and this one is going to follow it"
    case .left(let refusal): "nobody is promoted at once: \(refusal.sentence)"
    case .unnoticed: "its death was not noticed here"
    }
  }
}
