package import Addresses
package import FailoverCore
package import NIOCore
package import Platform
import RESP

/// Asks other nodes' Redis servers directly: for their role, replication and fence.
///
/// Each question is answered by a report that was asked for after it: with what the node said, or
/// with nil when it did not answer in time.
package final class NodeProber {
  private let clock: HostClock
  private let decoder: RedisReplyDecoder
  private let report: (Endpoint, NodeObservation?, _ sentAt: Instant) -> Void
  private let connections: ShortConnections
  /// The nodes that are asked now.
  private var questions: [Endpoint: Question] = [:]

  private static let commands = RESPCommands([
    ["ROLE"], ["INFO", "replication"], ["CONFIG", "GET", "min-replicas-*"],
    ["INFO", "keyspace"],
  ])

  package init(
    access: Access, loop: any EventLoop, clock: HostClock, decoder: RedisReplyDecoder,
    report: @escaping (Endpoint, NodeObservation?, _ sentAt: Instant) -> Void
  ) {
    self.clock = clock
    self.decoder = decoder
    self.report = report
    connections = ShortConnections(.questions, access: access, loop: loop, clock: clock)
  }

  /// Asks a node.
  package func ask(_ endpoint: Endpoint) {
    if questions[endpoint, default: Question(every: .zero)].want() { begin(endpoint) }
  }

  /// Sets the fence of a node whose daemon is silent; what it has then is to be asked.
  ///
  /// What can't be delivered within the time of an answer is dropped: who orders this repeats it
  /// while it is still right.
  package func relieve(_ endpoint: Endpoint, _ setting: FenceSetting) {
    connections.order(RESPCommands(setting.commands), at: endpoint)
  }

  /// Gives up what does not answer; called on every tick.
  package func tick(at now: Instant) { connections.tick(at: now) }

  /// Closes everything; nothing is reported any more.
  package func end() { connections.end() }

  private func begin(_ endpoint: Endpoint) {
    let now = clock.now()
    questions[endpoint, default: Question(every: .zero)].asked(at: now)
    connections.send(Self.commands, to: endpoint) { [weak self] in
      self?.answered(endpoint, $0, askedAt: now)
    }
  }

  private func answered(_ endpoint: Endpoint, _ outcome: RESPOutcome, askedAt: Instant) {
    let question = questions.removeValue(forKey: endpoint)
    // The report may bring the next question.
    switch outcome {
    case .answered(let replies, let sentAt): report(endpoint, observation(replies), sentAt)
    case .lost: report(endpoint, nil, askedAt)
    }
    if question?.isWantedAgain == true, questions[endpoint] == nil { begin(endpoint) }
  }

  /// What a node said; nil without a role or replication.
  private func observation(_ replies: [RESPToken]) -> NodeObservation? {
    guard replies.count == 4, let role = decoder.role(replies[0]),
      let info = decoder.replication(replies[1])
    else { return nil }
    // A node that keeps its setting to itself is an answer all the same.
    var observation = info.observation(of: role, fence: decoder.fence(replies[2]))
    observation.keys = replies[3].isError ? nil : replies[3].text?.keyCount
    observation.stream = replies[1].text?.masterStream
    return observation
  }
}
