import Addresses
import FailoverCore

/// The local Redis's fence and replicas, as a script describes them.
struct FenceActor {
  /// What is in force, and what stands in its file; nothing if it has no file.
  var inForce = FenceSetting.serverDefault
  var file: FenceSetting? = .serverDefault
  /// Why CONFIG is refused; nothing if it is not.
  var refusal: String?
  /// What becomes of REPLICAOF.
  var demotion = Demotion.allowed
  /// Whether the machine wants to be told.
  var isWatched = false
  /// Whether it answers orders.
  var answers = true
  var replicas: [AttachedReplica] = []
  var offset: UInt64 = 0
  /// Redis's own count of good replicas; nothing for what the list says.
  var goodReplicas: Int?
  /// What other nodes say when they are asked.
  var nodes: [Endpoint: NodeObservation] = [:]

  var pending: [FenceOrder] = []
  var asked: [Endpoint] = []
  var nextReading = Instant.milliseconds(0)
  var nextReplication = Instant.milliseconds(0)

  /// Carried out; or refused while it is queued, so that nothing of its transaction is done; or when
  /// its turn comes, after the setting.
  enum Demotion { case allowed, refusedAtOnce, refusedWithin }
}

extension TraceDirector {
  /// Answers what was ordered and asked, a millisecond later, and reads what is due.
  mutating func tickFence() {
    if redis.answers, local.role != nil { answerOrders() }
    let asked = redis.asked
    redis.asked = []
    for endpoint in asked { tell(.nodeObserved(endpoint, redis.nodes[endpoint], sentAt: now)) }
    if redis.nextReading <= now { readFence() }
    if redis.nextReplication <= now { readReplication() }
  }

  /// CONFIG GET min-replicas-*.
  mutating func readFence() {
    redis.nextReading = now + .seconds(1)
    guard redis.isWatched, local.role != nil else { return }
    if let refusal = redis.refusal {
      tell(.localFenceUnreadable(.refused(refusal)))
    } else {
      tell(.localFenceObserved(redis.inForce, sentAt: now))
    }
    readReplication()
  }

  /// INFO replication.
  mutating func readReplication() {
    redis.nextReplication = now + .milliseconds(100)
    guard redis.isWatched, local.role == .master else { return }
    tell(
      .localReplicationObserved(
        LocalReplication(
          replicas: redis.replicas, offset: redis.offset, goodReplicas: redis.goodReplicas),
        sentAt: now))
  }

  /// The connection ends, and with it what was ordered and not answered.
  mutating func loseRedis(_ loss: ConnectionLoss) {
    let lost = redis.pending
    redis.pending = []
    for order in lost { tell(.fenceAnswered(order, .unreachable)) }
    tell(.localRedisLost(loss))
  }

  private mutating func answerOrders() {
    let orders = redis.pending
    redis.pending = []
    for order in orders { tell(.fenceAnswered(order, carryOut(order))) }
  }

  mutating func carryOut(_ order: FenceOrder) -> FenceProblem? {
    if let refusal = redis.refusal { return .refused(refusal) }
    switch order {
    case .set(let setting):
      redis.inForce = setting
      return nil
    case .persist: return persist()
    case .demote(let master, let setting):
      if redis.demotion == .refusedAtOnce { return .notDemoted("NOPERM", isSet: false) }
      redis.inForce = setting
      if redis.demotion == .refusedWithin { return .notDemoted("ERR", isSet: true) }
      local.role = .replica(of: master)
      nextRole = now
      return persist()
    }
  }

  private mutating func persist() -> FenceProblem? {
    guard redis.file != nil else { return .notPersisted("no config file") }
    redis.file = redis.inForce
    return nil
  }
}
