/// The lines by which `lab-client` hands on what it saw: a stamp in nanoseconds, then words.
extension AddressChange {
  /// Reads a line of the form `<ns> present|absent <address> <seconds>|forever <prefix length>`.
  init?(line: Substring, host: Int) {
    let words = line.split(separator: " ")
    guard words.count == 5, let nanoseconds = Int64(words[0]), words[1] != "ready" else {
      return nil
    }
    self.init(
      stamp: Stamp(nanoseconds: nanoseconds), host: host, address: String(words[2]),
      isPresent: words[1] == "present", lifetimeSeconds: Int(words[3]),
      prefixLength: Int(words[4]))
  }

  var line: String {
    "\(stamp.nanoseconds) \(isPresent ? "present" : "absent") \(address) "
      + (lifetimeSeconds.map(String.init) ?? "forever") + " "
      + (prefixLength.map(String.init) ?? "-")
  }
}

extension ProbeAttempt {
  /// Reads a line of the form `<start ns> <end ns> <outcome> <host>|-`.
  init?(line: Substring) {
    let words = line.split(separator: " ")
    guard words.count == 4, let start = Int64(words[0]), let end = Int64(words[1]) else {
      return nil
    }
    self.init(
      start: Stamp(nanoseconds: start), end: Stamp(nanoseconds: end), outcome: String(words[2]),
      host: Int(words[3]))
  }

  var line: String {
    "\(start.nanoseconds) \(end.nanoseconds) \(outcome) \(host.map(String.init) ?? "-")"
  }
}

extension Announcement {
  /// Reads a line of the form `<ns> <kind> <address> <hardware address>`.
  init?(line: Substring) {
    let words = line.split(separator: " ")
    guard words.count == 4, let nanoseconds = Int64(words[0]) else { return nil }
    self.init(
      stamp: Stamp(nanoseconds: nanoseconds), kind: String(words[1]), address: String(words[2]),
      hardwareAddress: String(words[3]))
  }

  var line: String { "\(stamp.nanoseconds) \(kind) \(address) \(hardwareAddress)" }
}

extension Stall {
  /// Reads a line of the form `<ns> overran <ms>`.
  init?(line: Substring) {
    let words = line.split(separator: " ")
    guard words.count == 3, let nanoseconds = Int64(words[0]), words[1] == "overran",
      let milliseconds = Double(words[2])
    else { return nil }
    self.init(stamp: Stamp(nanoseconds: nanoseconds), milliseconds: milliseconds)
  }

  /// The line by which a client tells that its own wait took too long.
  var line: String { "\(stamp.nanoseconds) overran \(Int(milliseconds))" }
}
