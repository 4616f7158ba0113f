/// Asks a Redis for its role every 2 ms, and at once when it hangs up, until the connection ends.
///
/// A promotion kills every client of the promoted Redis (`sentinel.c sentinelSendSlaveOf`), so the
/// hang-up tells the moment sooner than any pace of asking.
///
/// - Parameters:
///   - path: the socket in the file system.
///   - goesOn: whether to ask on.
///   - report: gets each role; nothing if there is nobody to ask, or no answer within 0.5 s.
func pollRole(_ path: String, while goesOn: () -> Bool, _ report: (String?) -> Void) {
  guard let connection = try? RESPConnection(path: path) else { return report(nil) }
  while goesOn() {
    do {
      let reply = try connection.command("ROLE", timeoutMilliseconds: 500)
      if let role = reply.parts.first?.text { report(role) }
    } catch .timedOut {
      // Frozen: its answer would still come, and count for the wrong question.
      return report(nil)
    } catch {
      return
    }
    _ = connection.hasInput(withinMilliseconds: 2)
  }
}
