import ControlProtocol
import RESP

/// What `vipctl doctor` asks.
extension ControlCommands {
  /// `FACTS [master]`: how the hosts of some groups are, once all of them have answered, or are not
  /// going to.
  func facts(_ groups: [any ControlledGroup], _ session: ControlSession) {
    session.suspend()
    var found: [String: FactsDocument.Group] = [:]
    let names = groups.map(\.masterName)
    let finish = { [weak session] in
      guard found.count == names.count else { return }
      let document = FactsDocument { $0.groups = names.compactMap { found[$0] } }
      session?.resume { $0.bulkString(document.json) }
    }
    guard !names.isEmpty else { return finish() }
    for group in groups {
      let name = group.masterName
      group.collectFacts { answer in
        guard found.updateValue(answer, forKey: name) == nil else { return }
        finish()
      }
    }
  }
}
