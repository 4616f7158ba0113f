import Addresses
import FailoverCore
import RESP

/// The poll of one group at one Sentinel: at most one is under way.
struct SentinelPoll {
  let masterName: String
  /// The three commands, encoded once.
  let commands: RESPCommands
  private(set) var question = Question(every: SentinelLink.pollPeriod)
  /// Why the last answer was refused; nil if it was not.
  private(set) var refusal: ServerWords?

  init(masterName: String) {
    self.masterName = masterName
    commands = RESPCommands([
      ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", masterName], ["SENTINEL", "MASTER", masterName],
      ["SENTINEL", "REPLICAS", masterName],
    ])
  }

  /// Takes in that somebody wants to know now; whether it can be sent at once.
  mutating func want() -> Bool { question.want() }

  /// Takes in that it was sent.
  mutating func begin(at now: Instant) { question.asked(at: now) }

  /// Takes in that its answer was read, or that none will come.
  mutating func end() { question.close() }

  /// Takes in whether the Sentinel refused it.
  mutating func note(_ refusal: ServerWords?) { self.refusal = refusal }

  /// Reads the answers to the three commands, and tells what was left out of the view.
  static func view(
    _ replies: [RESPToken], _ decoder: SentinelReplyDecoder
  ) throws(SentinelReplyError) -> (view: SentinelView, flaws: [SentinelReplyDecoder.Flaw]) {
    guard replies.count == 3 else { throw .nonsense("a poll was answered in part") }
    var flaws: [SentinelReplyDecoder.Flaw] = []
    let named = try decoder.named(replies[0])
    let master = try decoder.master(replies[1], &flaws)
    let replicas = try decoder.replicas(replies[2], &flaws)
    return (decoder.view(named: named, master: master, replicas: replicas), flaws)
  }
}
