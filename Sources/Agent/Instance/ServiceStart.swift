import Configuration
import Control
import Platform
import Wording

/// What a service begins with, once nobody else has what it needs for itself alone.
struct ServiceStart: Sendable {
  /// The configuration file.
  let path: String
  /// What it said.
  let loaded: LoadedConfiguration
  /// The lock on the state directory; nil where there is none to be had.
  let lock: InstanceLock?
  /// The socket of operators; nil where it can't be made, which its server tells.
  let control: SocketFile?
  /// The socket of Sentinel's scripts; likewise.
  let hook: SocketFile?
  /// Why there is no lock; nil if there is one.
  let problem: GroupProblem?

  /// Takes the lock and makes the sockets; blocks, and touches nothing else.
  ///
  /// A directory that is missing costs what it would keep, and never the address.
  ///
  /// - Throws: if another process has one of them.
  init(path: String, _ loaded: LoadedConfiguration) throws(AnotherInstance) {
    self.path = path
    self.loaded = loaded
    let configuration = loaded.configuration
    do throws(InstanceLock.Failure) {
      lock = try InstanceLock(configuration.stateDirectory)
      problem = nil
    } catch {
      switch error {
      case .held(let processID):
        throw AnotherInstance(
          possession: .stateDirectory(configuration.stateDirectory), processID: processID)
      case .unavailable(let reason):
        lock = nil
        problem = Self.unlocked(configuration.stateDirectory, reason)
      }
    }
    control = try Self.socket("control", configuration.controlPath)
    hook = try Self.socket("hook", configuration.hookPath)
  }

  private static func socket(
    _ directive: String, _ path: String
  ) throws(AnotherInstance) -> SocketFile? {
    do throws(SocketFile.Failure) {
      return try SocketFile.listen(at: path)
    } catch {
      guard case .answered(let processID) = error else { return nil }
      throw AnotherInstance(
        possession: .socket(path, directive: directive), processID: processID)
    }
  }

  private static func unlocked(_ directory: String, _ reason: FileProblem) -> GroupProblem {
    GroupProblem(
      label: "state-unlocked",
      sentence:
        "\(reason): nothing keeps a second vipd from using this state directory. Make it (install -d -o "
        + "vipd -g vipd -m 700 \(directory)), and restart vipd")
  }
}
