import Glibc

/// The operator's tool, as a person on a host would call it.
extension Laboratory {
  /// Runs `vipctl` against the daemon of a host, up to its end.
  ///
  /// - Parameters:
  ///   - vipctl: the path of the program.
  ///   - number: the host.
  ///   - words: the command and its arguments.
  ///   - isInside: whether it runs in the host's namespace, as it must to reach servers itself.
  /// - Returns: its exit status and all that it wrote.
  /// - Throws: ``LabError`` if it can't be started.
  public func vipctl(
    _ vipctl: String, on number: Int, _ words: [String], isInside: Bool = false
  ) throws(LabError) -> (status: Int32, output: String) {
    let command = try vipctlCommand(vipctl, number, words, isInside: isInside)
    do throws(LabError) {
      return (0, try command.run())
    } catch .commandFailed(_, let status, let output) {
      return (status, output)
    }
  }

  /// Starts `vipctl` and doesn't wait for it.
  func startVipctl(
    _ vipctl: String, on number: Int, _ words: [String], log: String
  ) throws(LabError) -> LabProcess {
    LabProcess(number: try vipctlCommand(vipctl, number, words).start(log: log))
  }

  private func vipctlCommand(
    _ vipctl: String, _ number: Int, _ words: [String], isInside: Bool = false
  ) throws(LabError) -> Subprocess {
    let host = try host(number)
    let place = isInside ? ["ip", "netns", "exec", host.namespace] : []
    return Subprocess(place + [vipctl, "--socket", host.socketPath(.agent)] + words)
  }
}
