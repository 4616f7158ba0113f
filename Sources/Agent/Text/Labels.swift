import EventRecording
import FailoverCore

// The label of a metric and the key in JSON is the name of the case in recordings.

extension Reason {
  var label: String { RecordingText.name(of: self) }
}

extension FenceReason {
  var label: String { RecordingText.name(of: self) }
}

extension Alarm {
  var label: String { RecordingText.name(of: self) }
}

extension MoveFinding {
  /// One has a longer name in JSON, which can't change.
  var label: String {
    if case .sentinelNames = self { "sentinel-names-another" } else { RecordingText.name(of: self) }
  }
}
