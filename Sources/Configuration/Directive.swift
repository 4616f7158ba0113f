/// The directives of the file.
enum Directive: String, CaseIterable {
  case sentinel
  case vip
  case redis
  case lease
  case blind
  case fence
  case announce
  case probe
  case onCarrierLoss = "on-carrier-loss"
  case onDeath = "on-death"
  case authUser = "auth-user"
  case authPassFile = "auth-pass-file"
  case channelKeyFile = "channel-key-file"
  case daemonless
  case control
  case hook
  case metrics
  case stateDirectory = "state-dir"
  case onStop = "on-stop"
  case tls
  case notify

  /// The known directive nearest to a misspelt one, if one is near enough to be meant.
  static func nearest(to word: String) -> Directive? {
    let typed = Array(word.lowercased().utf8.prefix(32))
    let ranked = allCases.map { ($0, distance(typed, Array($0.rawValue.utf8))) }
    guard let best = ranked.min(by: { $0.1 < $1.1 }), best.1 <= 2, best.1 < typed.count else {
      return nil
    }
    return best.0
  }

  /// The number of single-character edits between two words (Levenshtein).
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in right.enumerated() {
        let substitution = diagonal + (a == b ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(substitution, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[right.count]
  }
}
