import FailoverCore

/// How the Redis of a world refuse writes, and what stands in the way.
struct FenceSetup: Equatable {
  /// What the agents are configured with.
  var policy = FencePolicy.minReplicas(.all, maxLagSeconds: 1)
  /// Whether Redis refuses CONFIG to the agents: the fence stays as it was.
  var refusesConfiguration = false
  /// Whether Redis has a configuration file: without one CONFIG REWRITE fails.
  var hasFile = true
  /// Whether all files are armed already, as after a week of service.
  var isEstablished = true

  /// `max-lag`, in whole seconds.
  var maxLagSeconds: Int {
    guard case .minReplicas(_, let lag) = policy else {
      return FenceSetting.serverDefault.maxLagSeconds
    }
    return lag
  }

  /// What a master asks for while so many replicas are attached and good.
  func armed(replicas count: Int) -> FenceSetting {
    switch policy {
    case .minReplicas(.all, let lag): FenceSetting(minReplicas: count, maxLagSeconds: lag)
    case .minReplicas(.exactly(let number), let lag):
      FenceSetting(minReplicas: min(number, count), maxLagSeconds: lag)
    case .off: .serverDefault
    }
  }

  /// Whether the daemon can do all that it promises.
  var isWhole: Bool { policy != .off && !refusesConfiguration && hasFile }

  /// Whether every replica must acknowledge, so that no side of a cut goes on by itself.
  var asksForAll: Bool {
    if case .minReplicas(.all, _) = policy { isWhole } else { false }
  }

  var description: String {
    let count =
      switch policy {
      case .off: "off"
      case .minReplicas(.all, _): "all"
      case .minReplicas(.exactly(let number), _): String(number)
      }
    return "fence \(count) max-lag \(maxLagSeconds)"
      + (refusesConfiguration ? ", CONFIG refused" : "")
      + (hasFile ? "" : ", no file") + (isEstablished ? "" : ", fresh")
  }
}

extension FenceSetup {
  /// Draws a fence from a stream of its own, so that a world without one is what it was.
  static func random(seed: UInt64, _ choice: Simulation.FenceChoice) -> FenceSetup? {
    var random = SeededRandom(seed: seed &* 0x9e6c_63d0_876a_3f35 &+ 7)
    let isOn = random.chance(perMille: 500)
    var setup = FenceSetup()
    let lag = random.pick([1, 1, 1, 1, 1, 2, 3, 10])
    setup.policy = .minReplicas(
      random.chance(perMille: 800) ? .all : .exactly(1), maxLagSeconds: lag)
    setup.refusesConfiguration = random.chance(perMille: 40)
    setup.hasFile = !random.chance(perMille: 60)
    setup.isEstablished = random.chance(perMille: 700)
    switch choice {
    case .drawn: return isOn ? setup : nil
    case .on: return setup
    case .off: return nil
    }
  }
}
