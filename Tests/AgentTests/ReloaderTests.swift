import Configuration
import FailoverCore
import Foundation
import Logging
import NIOCore
import NIOPosix
import PeerKit
import RESP
import Synchronization
import Testing
import Wording

@testable import Agent
@testable import Metrics

/// A daemon that follows a file, and clients of its socket.
private final class FileBench {
  let bench: ControlBench
  private let path: String

  init(loop: any EventLoop) throws {
    bench = try ControlBench(loop: loop)
    path = bench.directory + "/vipd.conf"
    bench.daemon.followFile(path) { [path] in
      do throws(LoadingError) {
        return .success(try LoadedConfiguration.load(path))
      } catch {
        return .failure(error)
      }
    }
  }

  /// Writes the file: lines, with the sockets and the directory of the bench.
  func write(_ lines: String, more: String? = nil) throws {
    let (directory, text) = (bench.directory, lines + "\n")
    let own =
      more ?? "control \(directory)/c.sock\nhook \(directory)/h.sock\nstate-dir \(directory)\n"
    try (text + own).write(toFile: path, atomically: true, encoding: .utf8)
  }

  /// Asks on the operators' socket.
  func ask(_ text: String, then use: @escaping ([RESPToken]) -> Void) {
    let count = text.split(separator: "\n").count
    bench.ask("c.sock", Array(text.utf8), values: count, then: use)
  }
}

@Suite(.timeLimit(.minutes(10))) struct ReloaderTests {
  private static let usual = ControlBench.text
  private static let smaller = "sentinel 127.0.0.1 1\nvip mymaster 10.77.0.100/24 dev eth0"

  /// Runs a test on a daemon that follows a file.
  private func run(
    _ body: @escaping @Sendable (FileBench, _ done: @escaping () -> Void) throws -> Void
  ) async {
    await onLoop { loop, finish in
      do {
        let file = try FileBench(loop: loop)
        file.bench.start {
          do {
            try body(file) { file.bench.end(finish) }
          } catch {
            Issue.record("\(error)")
            file.bench.end(finish)
          }
        }
      } catch {
        Issue.record("\(error)")
        finish()
      }
    }
  }

  @Test func `A bad file is refused, told as a problem, and forgotten after a good one`() async {
    await run { file, done in
      try file.write(Self.smaller + "\nleese mymaster auto")
      file.ask("RELOAD\nSTATUS\nWHY\n") { tokens in
        let error = "vipd.conf:3:1: 'leese': unknown directive: did you mean 'lease'?"
        #expect(tokens.first?.errorText?.hasPrefix("ERR the configuration is unchanged: ") == true)
        #expect(tokens.first?.errorText?.hasSuffix(error) == true)
        let problem = file.bench.daemon.problems.first
        #expect(problem?.label == "reload-failed")
        #expect(problem?.sentence.contains("vipd would not start again. ") == true)
        #expect(tokens[1].text?.contains("has errors and was not read again") == true)
        #expect(tokens[2].text?.hasPrefix("problem: \(file.bench.directory)/vipd.conf has") == true)
        #expect(MetricsSnapshot(file.bench.daemon).problems.map(\.label) == ["reload-failed"])
        #expect(file.bench.daemon.groups.count == 2)
        try? file.write(Self.smaller)
        file.ask("RELOAD\nSTATUS\n") { tokens in
          #expect(tokens.first?.text == "OK")
          #expect(tokens.last?.text?.contains(#""problems":[],"groups""#) == true)
          #expect(file.bench.daemon.groups.map(\.masterName) == ["mymaster"])
          done()
        }
      }
    }
  }

  @Test func `A file that is gone is a failed reload too`() async {
    await run { file, done in
      file.ask("RELOAD\n") { tokens in
        #expect(tokens.first?.errorText?.hasSuffix("No such file or directory") == true)
        #expect(file.bench.daemon.problems.map(\.label) == ["reload-failed"])
        done()
      }
    }
  }

  @Test(
    "What takes a restart is refused with the rest of the file",
    arguments: ["control", "hook", "state-dir"])
  func restart(directive: String) async {
    await run { file, done in
      let directory = file.bench.directory
      var paths = [
        "control": "\(directory)/c.sock", "hook": "\(directory)/h.sock", "state-dir": directory,
      ]
      let old = paths[directive] ?? ""
      paths[directive] = "/elsewhere"
      try file.write(
        Self.smaller, more: paths.map { "\($0.key) \($0.value)\n" }.sorted().joined())
      file.ask("RELOAD\n") { tokens in
        let sentence =
          "'\(directive)' is /elsewhere now and was \(old), which takes a restart: systemctl "
          + "restart vipd, or put the line back and reload"
        #expect(tokens.first?.errorText == "ERR the configuration is unchanged: " + sentence)
        #expect(file.bench.daemon.groups.count == 2, "nothing of the file is in force")
        #expect(
          file.bench.daemon.problems == [
            GroupProblem(
              label: "reload-failed",
              sentence: "the last reload changed nothing, and what the file said before is in "
                + "force: \(sentence)")
          ])
        done()
      }
    }
  }

  @Test func `Every setting is applied at a reload, refused, or none of the daemon's`() throws {
    let configuration = try Configuration(parsing: Self.usual, file: "f")
    let names = Mirror(reflecting: configuration).children.compactMap(\.label)
    #expect(Set(names) == Set(Configuration.reloadEffects.keys))
    #expect(configuration.restartReasons(for: configuration).isEmpty)
  }

  @Test func `Whoever asks while the file is read is served by another reading`() async {
    await onLoop { loop, finish in
      let gate = DispatchSemaphore(value: 0)
      let readings = Mutex(0)
      let pool = NIOThreadPool(numberOfThreads: 1)
      pool.start()
      var activity: [Bool] = []
      var answers: [[String]] = []
      let reloader = Reloader(
        path: "f",
        steps: Reloader.Steps(
          load: {
            gate.wait()
            let number = readings.withLock { count in
              count += 1
              return count
            }
            return .failure(LoadingError(problems: ["reading \(number)"]))
          }, objections: { _ in [] }, apply: { _ in },
          activityChanged: { isReading in
            activity.append(isReading)
            guard !isReading else { return }
            #expect(answers == [["reading 1"], ["reading 2"], ["reading 2"]])
            #expect(activity == [true, false])
            pool.shutdownGracefully { _ in }
            finish()
          }),
        pool: pool, loop: loop, logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })
      for _ in 1...3 { reloader.request { answers.append($0) } }
      reloader.request()
      // As many as there should be readings: a third would wait for ever.
      for _ in 1...2 { gate.signal() }
    }
  }

  @Test func `Of many errors the first few are shown`() {
    #expect(Reloader.list(["a"]) == "a")
    #expect(Reloader.list((1...7).map { "\($0)" }) == "1; 2; 3; 4; 5; and 2 more")
  }
}
