import Addresses
import Configuration
import Control
import ControlProtocol
import FailoverCore
import Glibc
import Logging
import Platform
import Wording

/// Hands events to whoever runs the operator's programs, and never waits for it.
///
/// A datagram on a unix socket for each: what is not taken at once is lost, counted and told. The
/// daemon itself runs nothing.
final class NotificationSender {
  private let path: String
  private let node: String
  private let clock: HostClock
  private let log: RateLimitedLog
  /// The masters whose address is here, as the transitions said.
  private var held: Set<String> = []
  private var sequence: Int64 = 0
  /// The errno of the last event, if it was lost.
  private var failure: Int32?
  /// Events that were handed on.
  private(set) var sent = 0
  /// Events that nobody took.
  private(set) var lost = 0

  /// Makes one that sends to the socket at a path.
  init(to path: String, node: String, clock: HostClock, logger: Logger) {
    self.path = path
    self.node = node
    self.clock = clock
    log = RateLimitedLog(logger, clock: clock)
  }

  /// What is wrong now; nil if the last event was taken.
  var problem: GroupProblem? {
    failure.map { GroupProblem(label: "notify-unserved", sentence: sentence($0)) }
  }

  /// Hands on what a group reports, if it names a program and the report is an event for one.
  func tell(_ report: GroupReport, of section: GroupSection, instance: Endpoint?) {
    guard let (event, reason, text) = event(report), let program = section.notifyProgram else {
      return
    }
    sequence += 1
    let document = NotificationDocument {
      ($0.program, $0.event, $0.master) = (program, event, report.masterName)
      $0.addresses = section.virtualAddresses.map(\.address.description).joined(separator: " ")
      ($0.node, $0.host) = (instance?.description ?? "", node)
      ($0.reason, $0.text, $0.at) = (reason, text, clock.text(of: report.at))
      $0.seconds = clock.wallNanoseconds() / 1_000_000_000
      $0.sequence = sequence
    }
    failure = UnixDatagram.send(Array(document.json.utf8), to: path)
    guard let failure else {
      sent += 1
      return
    }
    lost += 1
    log.warning(sentence(failure), about: "notify")
  }

  /// The word for a report, its reason and its text; nil where no program is run.
  private func event(_ report: GroupReport) -> (String, String, String)? {
    switch report.subject {
    case .transition(let transition):
      holding(transition, report.masterName).map {
        ($0, transition.reason.label, transition.sentence)
      }
    case .fence(let change):
      ("fence-\(change.to.rawValue)", change.reason.label, change.sentence)
    case .alarm(let alarm): ("alarm", alarm.label, alarm.sentence)
    case .move, .selfCheck, .death: nil
    }
  }

  /// What a transition means for the address; nil where it stays as it was.
  private func holding(_ transition: Transition, _ masterName: String) -> String? {
    if transition.basis != .none {
      return held.insert(masterName).inserted ? "taken" : nil
    }
    guard held.remove(masterName) != nil else { return nil }
    return transition.to == .yielding ? "yielded" : "released"
  }

  private func sentence(_ error: Int32) -> String {
    let text = unsafe String(cString: strerror(error))
    let remedy = "systemctl enable --now vipd-notify.socket, or run vipctl notify-run"
    return switch error {
    case ENOENT, ECONNREFUSED:
      "events for 'notify' are lost, \(lost) so far: nobody listens on \(path): \(remedy)"
    case EAGAIN:
      "events for 'notify' are lost, \(lost) so far: whoever listens on \(path) takes no more: "
        + "journalctl -u vipd-notify"
    default:
      "events for 'notify' are lost, \(lost) so far: can't send to \(path): \(text)"
    }
  }
}
