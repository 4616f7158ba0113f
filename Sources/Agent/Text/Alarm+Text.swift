import FailoverCore

extension Alarm {
  /// A sentence for people.
  var sentence: String {
    switch self {
    case .equalEpochs(let one, let other, let epoch):
      "Sentinels name both \(one) and \(other) in epoch \(epoch): two failovers were forced at once"
    case .conflict(let address, let mac):
      "\(mac) claims \(address), which this node holds"
    case .addressInUse(let mac): "the address can't be taken: \(mac) answers for it"
    case .addressRemoved(let address, let repairs):
      "\(address) was removed behind the daemon's back, and put back (\(repairs) in a row)"
    case .addressFailed(let address, let failure): "\(address): \(failure.sentence)"
    case .sentinelContradicts(let sentinel, let node, let epoch):
      "Sentinel \(sentinel) names \(node) in epoch \(epoch), against a settled majority"
    case .masterUnknown(let sentinel): "Sentinel \(sentinel) does not monitor this master"
    }
  }

  /// The label of the metric.
  var label: String {
    switch self {
    case .equalEpochs: "equal-epochs"
    case .conflict: "conflict"
    case .addressInUse: "address-in-use"
    case .addressRemoved: "address-removed"
    case .addressFailed: "address-failed"
    case .sentinelContradicts: "sentinel-contradicts"
    case .masterUnknown: "master-unknown"
    }
  }
}
