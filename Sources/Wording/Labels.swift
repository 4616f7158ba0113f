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
