import Addresses
import FailoverCore

extension Group {
  /// Gives another node, whose daemon fell silent in the middle of a move, its writes back.
  func relieve(_ node: Endpoint, _ setting: FenceSetting) {
    journal.complain(
      "the vipd at \(node) fell silent in a move; its Redis gets its writes back: "
        + setting.sentence)
    inquirer.relieve(node, setting)
  }
}
