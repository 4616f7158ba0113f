import Addresses
import ChannelMessages
import ControlProtocol
import FailoverCore
import NIOCore
import Platform
import Wording

/// How the hosts of a group are: asked of the others' daemons, and told to them.
///
/// It decides nothing. What the others say is handed on as they wrote it.
final class FactsExchange {
  /// How long the others may take.
  static let patience = Duration.seconds(2)
  /// Answers in a second, whoever asks: each reads some small files.
  static let answersInSecond = 16
  /// Messages about facts that are read in a second: 64 hosts, or 16 of the longest documents.
  static let messagesInSecond = 256
  /// Questions of operators that are waited for at once.
  static let maxWaiting = 8

  private struct Waiting {
    var peers: [(node: Endpoint, version: String)]
    var own: String?
    var parts: [Endpoint: [Int: [UInt8]]] = [:]
    var counts: [Endpoint: Int] = [:]
    var done: (FactsDocument.Group) -> Void

    func text(of node: Endpoint) -> String? {
      guard let parts = parts[node], let count = counts[node], parts.count == count else {
        return nil
      }
      return String(decoding: (1...count).flatMap { parts[$0] ?? [] }, as: UTF8.self)
    }

    var isComplete: Bool { own != nil && peers.allSatisfy { text(of: $0.node) != nil } }
  }

  private let masterName: String
  private let services: GroupServices
  private let port: GroupPort
  private let read: (@escaping (HostFactsDocument) -> Void) -> Void
  private let ask: (HostFactsQuestion, _ nodes: [Endpoint]) -> Void
  private var waiting: [UInt64: Waiting] = [:]
  private var answered: UInt64?
  private var duties = MessageIntake(limit: FactsExchange.answersInSecond)
  private var intake = MessageIntake(limit: FactsExchange.messagesInSecond)

  /// Makes an exchange; `read` gets how this host is, `ask` asks all and some nodes directly.
  init(
    _ masterName: String, _ services: GroupServices, _ port: GroupPort,
    read: @escaping (@escaping (HostFactsDocument) -> Void) -> Void,
    ask: @escaping (HostFactsQuestion, _ nodes: [Endpoint]) -> Void
  ) {
    self.masterName = masterName
    self.services = services
    self.port = port
    self.read = read
    self.ask = ask
  }

  /// Asks every host, and calls back once: when all have answered, or after 2 s.
  func collect(_ done: @escaping (FactsDocument.Group) -> Void) {
    let view = port.view()
    guard waiting.count < Self.maxWaiting else {
      return done(FactsDocument.Group { $0.master = masterName })
    }
    let nonce = UInt64.random(in: 1...UInt64.max)
    let peers = view.peers.told(at: services.clock.now()).filter {
      $0.node != view.instances.followed
    }
    waiting[nonce] = Waiting(peers: peers, done: done)
    if let own = view.instances.followed, !peers.isEmpty {
      ask(HostFactsQuestion(node: own, nonce: nonce), peers.map(\.node))
    }
    read { [weak self] facts in
      self?.waiting[nonce]?.own = facts.json
      self?.endIfComplete(nonce)
    }
    services.schedule(in: .nanoseconds(Self.patience.wholeNanoseconds)) { [weak self] in
      self?.end(nonce)
    }
  }

  /// Calls everybody back who waits.
  func end() {
    for nonce in Array(waiting.keys) { end(nonce) }
  }

  /// Looks, without decoding it, whether a message is one too many of those about facts.
  func admit(_ bytes: [UInt8]) -> Bool {
    !bytes.starts(with: Self.prefix) || intake.admits(at: services.clock.now())
  }

  /// How both kinds begin.
  private static let prefix = Array("vipd1 facts".utf8)

  /// Takes in a question: it comes by more than one way, and is answered once.
  func heard(_ question: HostFactsQuestion, from sender: UInt64) {
    guard question.nonce != answered, duties.admits(at: services.clock.now()) else { return }
    answered = question.nonce
    read { [weak self] facts in
      guard let self, let node = port.view().instances.followed else { return }
      let parts = HostFactsPart.parts(
        of: Array(facts.json.utf8), node: node, asker: sender, nonce: question.nonce)
      for part in parts { port.send(.facts(part), question.node) }
    }
  }

  /// Takes in a part of an answer.
  func heard(_ part: HostFactsPart) {
    guard part.asker == port.sender, let entry = waiting[part.nonce],
      entry.peers.contains(where: { $0.node == part.node }),
      entry.counts[part.node, default: part.count] == part.count
    else { return }
    waiting[part.nonce]?.counts[part.node] = part.count
    waiting[part.nonce]?.parts[part.node, default: [:]][part.number] = part.octets
    endIfComplete(part.nonce)
  }

  private func endIfComplete(_ nonce: UInt64) {
    if waiting[nonce]?.isComplete == true { end(nonce) }
  }

  private func end(_ nonce: UInt64) {
    guard let entry = waiting.removeValue(forKey: nonce) else { return }
    let own = port.view().instances.followed
    let hosts = [
      FactsDocument.Host {
        ($0.node, $0.version, $0.facts) = (own?.description, Version.text, entry.own)
      }
    ]
    let others = entry.peers.map { peer in
      FactsDocument.Host {
        ($0.node, $0.version) = (peer.node.description, peer.version)
        $0.facts = entry.text(of: peer.node)
      }
    }
    entry.done(
      FactsDocument.Group { ($0.master, $0.hosts) = (masterName, hosts + others) })
  }
}
