import EventRecording
import FailoverCore

// The label of a metric and the key in JSON is the name of the case in recordings.

extension Reason {
  package var label: String { RecordingText.name(of: self) }
}

extension FenceReason {
  package var label: String { RecordingText.name(of: self) }
}

extension Alarm {
  package var label: String { RecordingText.name(of: self) }
}

extension MoveFinding {
  /// One has a longer name in JSON, which can't change.
  package var label: String {
    if case .sentinelNames = self { "sentinel-names-another" } else { RecordingText.name(of: self) }
  }
}

extension MoveEnd {
  /// The key in JSON, in which a dry run that found nothing is `planned`; that can't change.
  package var label: String {
    if case .checked = self { "planned" } else { RecordingText.name(of: self) }
  }
}

extension Obstacle {
  /// The label of the metric; recordings have no obstacles, which follow from the rest.
  package var label: String {
    switch self {
    case .notInGroup: "not-in-group"
    case .notNamed: "not-named"
    case .notConfirmed: "not-confirmed"
    case .notMaster: "not-master"
    case .settling: "settling"
    case .failoverInProgress: "failover-in-progress"
    case .heldDown: "held-down"
    case .addressInUse: "address-in-use"
    case .probing: "probing"
    case .newerEpoch: "newer-epoch"
    case .paused: "paused"
    }
  }
}
