import ArgumentParser
import Foundation
import Lab

/// The command `lab demo`.
struct Demo: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Kills a master and tells how the VIP and a client got over it.")
  @OptionGroup var choice: LabChoice
  @OptionGroup var options: PlanOptions

  func run() throws {
    let plan = try options.plan(id: choice.id)
    print("Three hosts, each with Redis, Sentinel and \(plan.agent.name); a client on a fourth.")
    print("Real servers in network namespaces; down-after \(plan.downAfterMilliseconds) ms.\n")
    let (story, recording) = try Trial.run(plan, client: Laboratory.neighbour("lab-client")) {
      trial throws(LabError) in
      print(trial.lab.overview())
      print("\nThe client writes to \(trial.group.firstAddress) every few milliseconds.")
      print("Now the master's Redis on h1 is killed with SIGKILL …\n")
      let fault = try trial.lab.kill(.redis(trial.group.name), on: 1)
      let promotion = try trial.awaitPromotion(after: fault)
      try trial.awaitSuccess(at: promotion.host, after: promotion.stamp)
      try waitUntil("+switch-master", timeoutMilliseconds: 15_000) {
        () throws(LabError) in trial.observation.hasSeen("+switch-master", after: fault)
      }
      pause(milliseconds: 200)
      let story = Timeline(
        of: trial.observation.recording, group: trial.group, fault: fault, old: 1)
      print(story.text + "\n")
      print(trial.lab.overview() + "\n")
      return story
    }
    tellEnd(story, recording.disturbance)
    if case .daemon = plan.agent, plan.fence == nil {
      print(
        """

        With a fence vipd does not let Sentinel wait; see for yourself:
          scripts/demo --fence 'min-replicas all max-lag 1'

        """)
    }
  }

  private func tellEnd(_ story: Timeline, _ disturbance: String?) {
    if let outage = story.outageMilliseconds {
      print("The client's outage: \(Int(outage.rounded())) ms.")
    }
    if let promoted = story.entry("PROMOTED"), let served = story.entry("CLIENT SERVED") {
      let share = Int((served.milliseconds - promoted.milliseconds).rounded())
      let taken = "\(Int(promoted.milliseconds.rounded())) ms"
      // One that was told has nothing to notice.
      let isNoticed = story.entry("SDOWN").map { $0.milliseconds < promoted.milliseconds } ?? false
      print(
        isNoticed
          ? "Of these, Sentinel took \(taken) to notice, agree and promote"
          : "No Sentinel had noticed anything: it was told to fail over, and promoted after \(taken)",
        terminator: "; the client was served \(share) ms later.\n")
    }
    if let switched = story.entry("+switch-master"), let served = story.entry("CLIENT SERVED") {
      let lead = Int((switched.milliseconds - served.milliseconds).rounded())
      if lead > 0 { print("That is \(lead) ms before Sentinel announced the switch.") }
    }
    if let disturbance { print("Take it with a grain of salt: \(disturbance).") }
  }
}
