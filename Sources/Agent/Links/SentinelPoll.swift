import Addresses
import FailoverCore
import RESP

/// A part of one poll, in the order in which it is asked.
enum SentinelRequest: Equatable {
  case myID
  case process
  case named(String)
  case master(String)
  case replicas(String)
  case sentinels(String)
  case tilt(String)
  case quorum(String)
  case failover(String)
}

/// The poll of one group at one Sentinel: at most one is under way.
struct SentinelPoll {
  let masterName: String
  /// The three commands, encoded once.
  let bytes: [UInt8]
  let requests: [SentinelRequest]
  var question = Question(every: SentinelLink.pollPeriod)
  /// Why the last poll was refused; nothing if it was not.
  var refusal: ServerWords?
  /// The answers so far, or the first thing that was wrong with them.
  var answers = Result<Answers, SentinelReplyError>.success(Answers())

  struct Answers {
    var named: Endpoint?
    var master: SentinelReplyDecoder.MasterFields?
    /// What could not be used of them, and cost no more than itself.
    var flaws: [SentinelReplyDecoder.Flaw] = []
  }

  init(masterName: String) {
    self.masterName = masterName
    bytes =
      RESPWriter.command(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", masterName])
      + RESPWriter.command(["SENTINEL", "MASTER", masterName])
      + RESPWriter.command(["SENTINEL", "REPLICAS", masterName])
    requests = [.named(masterName), .master(masterName), .replicas(masterName)]
  }

  /// Begins: what was answered before is gone.
  mutating func begin(at now: Instant) {
    question.asked(at: now)
    answers = .success(Answers())
  }

  /// Takes in one of the first two answers.
  mutating func take(
    _ read: (inout Answers) throws(SentinelReplyError) -> Void
  ) {
    guard case .success(var partial) = answers else { return }
    do throws(SentinelReplyError) {
      try read(&partial)
      answers = .success(partial)
    } catch {
      answers = .failure(error)
    }
  }

  /// Takes in the last answer, and gives the view with what was left out of it.
  func finish(
    _ decoder: SentinelReplyDecoder, replicas token: RESPToken
  ) throws(SentinelReplyError) -> (view: SentinelView, flaws: [SentinelReplyDecoder.Flaw]) {
    var partial = try answers.get()
    let replicas = try decoder.replicas(token, &partial.flaws)
    guard let named = partial.named, let master = partial.master else {
      throw .nonsense("a poll was answered in part")
    }
    return (decoder.view(named: named, master: master, replicas: replicas), partial.flaws)
  }
}
