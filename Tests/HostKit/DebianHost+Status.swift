import Foundation
import Lab

/// What `vipctl status` tells.
struct HostStatus {
  /// With what it ended: 3 where something is wrong.
  var exit: Int32
  /// The labels of what is wrong.
  var problems: [String] = []
  /// The state of the fence, if there is one.
  var fence: String?
}

extension DebianHost {
  /// What `vipctl status` tells of the one group.
  func status() -> HostStatus {
    struct Answer: Decodable { var groups: [AgentStatus] }
    let (exit, output) = outcome(of: "vipctl status --json", limitSeconds: 10)
    var status = HostStatus(exit: exit)
    guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(output.utf8)),
      let group = answer.groups.first
    else { return status }
    status.problems = (group.problems ?? []).map(\.id)
    status.fence = group.fence?.state
    return status
  }
}
