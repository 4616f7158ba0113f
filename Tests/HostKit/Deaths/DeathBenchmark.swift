import Foundation
public import Lab

/// What a death of a master costs on real hosts, where the vipd beside it knows of it.
public struct DeathBenchmark {
  /// What is to happen.
  public var cases = DeathCase.allCases
  /// How many runs there are of each.
  public var runs = 20
  /// What runs on the hosts; a server never saves.
  public var plan = ServicePlan()
  /// Whether there is a fence.
  public var fence = true
  /// The release of Debian.
  public var suite = "bookworm"
  /// The name of the set.
  public var id = "deaths\(getpid())"
  /// Where the raw lines go.
  public var rawFile: String
  /// Where the journals of runs go that failed, missed a bar or took longer than the middle may;
  /// nothing for nowhere.
  public var journals: String?
  /// The path of `lab-client`.
  public var client: String
  /// Says how far things are.
  public var progress: (String) -> Void

  /// A benchmark of everything, with a fence, two replicas and Redis of Debian 12.
  ///
  /// - Parameters:
  ///   - client: the path of `lab-client`.
  ///   - rawFile: where the raw lines go.
  ///   - progress: says how far things are.
  public init(client: String, rawFile: String, progress: @escaping (String) -> Void) {
    self.client = client
    self.rawFile = rawFile
    self.progress = progress
    plan.forgetsAll = true
  }

  /// What the table is headed with, and what each raw line says after the case.
  var setting: String {
    "\(plan.server.rawValue) of \(suite), down-after \(plan.downAfterMilliseconds), "
      + "fence \(fence ? "on" : "off"), \(plan.replicas ?? 2) replicas"
  }

  /// Boots a set, runs it all in rounds, and returns the table.
  ///
  /// In rounds, so that what is compared with one another was measured at the same time. A run that
  /// was disturbed is repeated in a later round, at most once for each run.
  ///
  /// - Throws: ``LabError`` if there is no set to measure on.
  public func run() throws(LabError) -> String {
    var set = try boot()
    defer { set.down() }
    var report = DeathReport(fence: fence)
    for round in 1...(2 * runs) {
      for death in cases where report.results(death).decided < runs {
        let key = "\(death.rawValue)-\(round)"
        let master: DebianHost
        do throws(LabError) {
          master = try set.prepare(death, plan, fence: fence)
        } catch {
          record(
            Lab.Measurement(agent: "vipd", condition: "", failure: "not whole before: \(error)"),
            death,
            in: &report)
          set.down()
          set = try boot()
          continue
        }
        record(once(death, on: set, master, key), death, in: &report)
      }
    }
    return "Deaths on real hosts: \(setting); times in ms\n\n" + report.text
  }

  private func boot() throws(LabError) -> HostSet {
    let set = try HostSet.up(id: id, suite: suite)
    do throws(LabError) {
      try set.install(plan)
      // A journal that outlives a reboot, as an installed Debian has it.
      for host in set.hosts { try host.run("mkdir -p /var/log/journal && journalctl --flush") }
      return set
    } catch {
      set.down()
      throw error
    }
  }

  private func record(_ result: Lab.Measurement, _ death: DeathCase, in report: inout DeathReport) {
    var result = result
    result.condition = "\(death.rawValue), \(setting)"
    result.append(to: rawFile)
    report.add(result, death)
    progress("\(death.rawValue), \(report.results(death).decided) of \(runs): \(result.summary)")
  }

  private func once(
    _ death: DeathCase, on set: HostSet, _ master: DebianHost, _ key: String
  ) -> Lab.Measurement {
    var result = Lab.Measurement(agent: "vipd", condition: "")
    let since = Int(Date().timeIntervalSince1970)
    let tilts = set.tilts(plan.server)
    let watch = StallWatch()
    watch.begin()
    defer { watch.end() }
    do throws(LabError) {
      var trial = try DeathTrial(
        death, on: set, plan, master: master, key: key, client: client)
      defer { trial.end() }
      do throws(LabError) {
        result.figures = try trial.run()
      } catch {
        result.failure = "\(error)"
      }
      result.disturbance = trial.disturbance(watch.stalls)
    } catch {
      result.failure = "\(error)"
    }
    if set.tilts(plan.server) > tilts { result.disturbance = "a Sentinel was in TILT" }
    let isGood = death.bar(fence: fence)?.isMet(by: result.figures) ?? true
    if result.failure != nil || !isGood { keepJournals(of: set, since: since, key) }
    return result
  }

  private func keepJournals(of set: HostSet, since second: Int, _ key: String) {
    guard let journals else { return }
    try? FileManager.default.createDirectory(
      atPath: journals, withIntermediateDirectories: true)
    let server = plan.server
    for host in set.hosts {
      let units = "-u vipd -u \(server.unit)"
      let text = host.outcome(
        of: """
          journalctl --sync
          journalctl --since @\(second) -o short-precise \(units)
          tail -n 60 \(server.sentinelLog)
          vipctl history mymaster | tail -n 40
          """
      ).output
      try? writeFile("\(journals)/\(id)-\(key)-\(host.name).log", text)
    }
  }
}
