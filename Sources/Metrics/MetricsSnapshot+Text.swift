import ControlProtocol
import FailoverCore
import Wording

extension MetricsSnapshot {
  /// The text of `/metrics`.
  func text(_ process: ProcessUsage) -> String {
    var text = MetricsText()
    writeHolding(to: &text)
    writeDecisions(to: &text)
    writeNetwork(to: &text)
    text.family(
      "vipd_loop_stall_seconds", .gauge,
      "The longest time for which the event loop stalled since the start.")
    text.sample(maxStall / .seconds(1))
    text.family(
      "vipd_notifications_total", .counter,
      "Events for programs of 'notify': handed on, or lost because nobody took them.")
    text.sample(notificationsSent, ("result", "sent"))
    text.sample(notificationsLost, ("result", "lost"))
    process.write(to: &text)
    return text.text
  }

  private func writeHolding(to text: inout MetricsText) {
    text.family("vipd_holding", .gauge, "Whether an address of the group is on this host.")
    for part in groups {
      text.sample(part.status.presence.contains(true) ? 1 : 0, part.label)
    }
    text.family(
      "vipd_lease_remaining_seconds", .gauge,
      "How long this host may hold the address without a newer confirmation; 0 if it does not.")
    for part in groups { text.sample(part.leaseSeconds(at: at), part.label) }
    text.family(
      "vipd_sentinels", .gauge,
      "Sentinels by state: confirming this host, connected otherwise, lost, or missing "
        + "(remembered, but not known any more).")
    for part in groups {
      for (state, count) in part.sentinels { text.sample(count, part.label, ("state", state)) }
    }
    text.family("vipd_fence_state", .gauge, "1 for the state of the group's fence, 0 for others.")
    for part in groups {
      for state in FenceState.allCases {
        let isIt = state == part.status.fence.state
        text.sample(isIt ? 1 : 0, part.label, ("state", state.rawValue))
      }
    }
  }

  private func writeDecisions(to text: inout MetricsText) {
    text.family(
      "vipd_transitions_total", .counter,
      "Changes of state, or of the grounds for holding, by their reason.")
    for part in groups {
      let sorted = part.counters.transitions.sorted { $0.key < $1.key }
      for (key, count) in sorted {
        text.sample(
          count, part.label, ("from", key.from.rawValue), ("to", key.to.rawValue),
          ("reason", key.reason))
      }
    }
    text.family(
      "vipd_fence_changes_total", .counter, "Orders that changed the fence, by their reason.")
    for part in groups {
      for (key, count) in part.counters.fenceChanges.sorted(by: { $0.key < $1.key }) {
        text.sample(count, part.label, ("to", key.to.rawValue), ("reason", key.reason))
      }
    }
    text.family(
      "vipd_takeover_seconds", .histogram,
      "From the promotion, as this host saw it, to the first announcement of the address.")
    for part in groups { text.histogram(part.counters.takeovers, part.label) }
    writeSelfChecks(to: &text)
    writeProblems(to: &text)
    text.family(
      "vipd_refused_decisions_total", .counter,
      "Times that the local Redis was a master and something new kept the address away from "
        + "this host, by what it was.")
    for part in groups {
      for (reason, count) in part.counters.refusals.sorted(by: { $0.key < $1.key }) {
        text.sample(count, part.label, ("reason", reason))
      }
    }
  }

  private func writeProblems(to text: inout MetricsText) {
    text.family(
      "vipd_problem", .gauge,
      "1 for each thing that is wrong now with a group, or, without master, with the daemon itself, "
        + "by what it is; status tells it in words.")
    for label in Set(problems.map(\.label)).sorted() { text.sample(1, ("problem", label)) }
    for part in groups {
      for label in Set(part.problems.map(\.label)).sorted() {
        text.sample(1, part.label, ("problem", label))
      }
    }
  }

  private func writeSelfChecks(to text: inout MetricsText) {
    text.family(
      "vipd_answering_seconds", .histogram,
      "From the take of the addresses to the news that they answer another host.")
    for part in groups { text.histogram(part.counters.answering, part.label) }
    text.family(
      "vipd_self_checks_total", .counter,
      "Looks whether the addresses answer after a take, by what was found.")
    for part in groups {
      for outcome in SelfCheckResult.Outcome.allCases {
        let count = part.counters.selfChecks[outcome, default: 0]
        text.sample(count, part.label, ("result", outcome.rawValue))
      }
    }
  }

  private func writeNetwork(to text: inout MetricsText) {
    text.family(
      "vipd_announcements_total", .counter,
      "Announcements of an address: pairs of gratuitous ARP, or neighbour advertisements.")
    for part in groups {
      text.sample(part.counters.arpAnnouncements, part.label, ("kind", "arp"))
      text.sample(part.counters.neighbourAnnouncements, part.label, ("kind", "na"))
    }
    text.family(
      "vipd_conflicts_total", .counter,
      "Times that another machine claimed an address that this host held or was to take.")
    for part in groups {
      text.sample(
        part.counters.alarms["conflict", default: 0]
          + part.counters.alarms["address-in-use", default: 0], part.label)
    }
    text.family(
      "vipd_address_repairs_total", .counter,
      "Times that an address was removed by another program and put back.")
    for part in groups { text.sample(part.counters.repairs, part.label) }
    writeSessions(to: &text)
  }

  private func writeSessions(to text: inout MetricsText) {
    text.family(
      "vipd_sessions", .gauge,
      "Clients of the addresses that this host knows of: its own, or the holder's.")
    for part in groups { text.sample(part.counters.sessions.known, part.label) }
    text.family(
      "vipd_session_messages_total", .counter,
      "Messages about clients that were sent, believed, or dropped.")
    for part in groups {
      let sessions = part.counters.sessions
      text.sample(sessions.told, part.label, ("kind", "told"))
      text.sample(sessions.taken, part.label, ("kind", "taken"))
      text.sample(sessions.dropped, part.label, ("kind", "dropped"))
    }
    text.family(
      "vipd_tickles_total", .counter,
      "Segments that were sent, or could not be sent, to wake the last holder's clients.")
    for part in groups {
      text.sample(part.counters.sessions.tickles, part.label, ("outcome", "sent"))
      text.sample(part.counters.sessions.failed, part.label, ("outcome", "failed"))
    }
  }
}

extension MetricsSnapshot.GroupPart {
  /// The label that every metric of a group has.
  fileprivate var label: MetricsText.Label { ("master", status.masterName) }
}

extension GroupCounters.TransitionKey: Comparable {
  /// Orders by the labels, so that two scrapes have one order.
  package static func < (left: Self, right: Self) -> Bool {
    (left.from.rawValue, left.to.rawValue, left.reason)
      < (right.from.rawValue, right.to.rawValue, right.reason)
  }
}

extension GroupCounters.FenceKey: Comparable {
  /// Orders by the labels, so that two scrapes have one order.
  package static func < (left: Self, right: Self) -> Bool {
    (left.to.rawValue, left.reason) < (right.to.rawValue, right.reason)
  }
}
