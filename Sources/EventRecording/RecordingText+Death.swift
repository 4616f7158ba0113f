import FailoverCore
import LineCoding

extension RecordingText {
  static func text(_ news: DeathNews) -> LineText {
    switch news {
    case .known: "known"
    case .restarted: "restarted"
    case .compared(let replicas): "compared;\(replicas)"
    case .complete(let replicas): "complete;\(replicas)"
    case .ordered(let through, let chosen): "ordered;\(through);\(chosen)"
    case .orderedForLess(let through, let chosen): "ordered-for-less;\(through);\(chosen)"
    case .left(let refusal): "left;\(text(refusal))"
    }
  }

  private static func text(_ refusal: DeathRefusal) -> LineText {
    switch refusal {
    case .found(let finding): "found;\(text(finding))"
    case .shortDownAfter(let time): "short-down-after;\(time)"
    case .promotedRecently(let time): "promoted-recently;\(time)"
    case .orderedRecently(let time): "ordered-recently;\(time)"
    case .noDaemon(let node): "no-daemon;\(node)"
    case .notChosen(let node): "not-chosen;\(node)"
    case .notReplicaForAll(let node): "not-replica-for-all;\(node)"
    case .stillLinked(let node): "still-linked;\(node)"
    case .policy: "policy"
    case .returned: "returned"
    case .sentinelRefused(let id, let words): "sentinel-refused;\(id);\(words)"
    case .sentinelLost(let id): "sentinel-lost;\(id)"
    }
  }
}
