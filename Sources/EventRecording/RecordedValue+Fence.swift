import FailoverCore
import LineCoding

extension FencePolicy: RecordedValue {
  /// `off`, `all/1s` or `2/1s`.
  var recorded: LineText {
    switch self {
    case .off: "off"
    case .minReplicas(.all, let lag): "all/\(lag)s"
    case .minReplicas(.exactly(let count), let lag): "\(count)/\(lag)s"
    }
  }

  static func read(_ word: Substring) -> FencePolicy? {
    if word == "off" { return .off }
    let isForAll = word.hasPrefix("all/")
    return FenceSetting.read(isForAll ? "0" + word.dropFirst(3) : word).map { setting in
      .minReplicas(
        isForAll ? .all : .exactly(setting.minReplicas), maxLagSeconds: setting.maxLagSeconds)
    }
  }
}

extension FenceSetting: RecordedValue {
  /// `2/1s`: so many replicas, at most so many seconds behind.
  var recorded: LineText { "\(minReplicas)/\(maxLagSeconds)s" }

  static func read(_ word: Substring) -> FenceSetting? {
    guard word.last == "s" else { return nil }
    return Parts(word.dropLast(), by: "/").make(Self.init(minReplicas:maxLagSeconds:))
  }
}

extension FenceMemory: RecordedParts {
  var recorded: LineText { "\(operatorSetting);\(armed)" }
  static func read(_ parts: Parts) -> Self? { parts.make(Self.init(operatorSetting:armed:)) }
}

extension FenceOrder: RecordedParts {
  var recorded: LineText {
    switch self {
    case .set(let setting): "set;\(setting)"
    case .persist: "persist"
    case .demote(let master, let setting): "demote;\(master);\(setting)"
    }
  }

  static func read(_ parts: Parts) -> FenceOrder? {
    switch parts.name {
    case "set": parts.payload.make(FenceOrder.set)
    case "persist": parts.alone(.persist)
    case "demote": parts.payload.make(FenceOrder.demote)
    default: nil
    }
  }
}

extension FenceProblem: RecordedParts {
  var recorded: LineText {
    switch self {
    case .unreachable: "unreachable"
    case .refused(let text): "refused;\(text)"
    case .notPersisted(let text): "not-persisted;\(text)"
    case .notDemoted(let text, isSet: false): "not-demoted;\(text)"
    case .notDemoted(let text, isSet: true): "set-not-demoted;\(text)"
    }
  }

  static func read(_ parts: Parts) -> FenceProblem? {
    switch parts.name {
    case "unreachable": parts.alone(.unreachable)
    case "refused": parts.payload.make(FenceProblem.refused)
    case "not-persisted": parts.payload.make(FenceProblem.notPersisted)
    case "not-demoted": parts.payload.make { (text: String) in .notDemoted(text, isSet: false) }
    case "set-not-demoted": parts.payload.make { (text: String) in .notDemoted(text, isSet: true) }
    default: nil
    }
  }
}
