import Addresses
import Dispatch
import Synchronization

@testable import Agent

/// A name server of one's choice: it knows names, refuses them, or is silent until it is released.
final class FakeNames: Sendable {
  private let state = Mutex(State())
  private let gate = DispatchSemaphore(value: 0)

  private struct State {
    var answers: [String: [String]] = [:]
    var failure = "Temporary failure in name resolution"
    var asked: [String] = []
    var isSilent = false
    var waiting = 0
  }

  /// The names that were asked for, in their order.
  var asked: [String] { state.withLock { $0.asked } }

  /// How many calls wait for an answer.
  var waiting: Int { state.withLock { $0.waiting } }

  /// Gives a name its addresses; none at all make it unknown.
  func set(_ host: String, _ addresses: String...) {
    state.withLock { $0.answers[host] = addresses }
  }

  /// Answers so when it does not know a name.
  func refuse(with text: String) {
    state.withLock { $0.failure = text }
  }

  /// Answers nothing from now on.
  func fallSilent() {
    state.withLock { $0.isSilent = true }
  }

  /// Answers again, also whoever waits.
  func speak() {
    let waiting = state.withLock { state in
      state.isSilent = false
      defer { state.waiting = 0 }
      return state.waiting
    }
    for _ in 0..<waiting { gate.signal() }
  }

  /// What stands in the place of getaddrinfo(3).
  var lookUp: HostResolver.Lookup {
    { [self] host in
      let waits = state.withLock { state in
        state.asked.append(host)
        if state.isSilent { state.waiting += 1 }
        return state.isSilent
      }
      if waits { gate.wait() }
      return state.withLock { state in
        let addresses = (state.answers[host] ?? []).compactMap(IPAddress.init)
        guard !addresses.isEmpty else { return .failure(LookupFailure(text: state.failure)) }
        return .success(addresses)
      }
    }
  }
}
