/// `tls`, for the Sentinels or for the Redis servers of a master.
extension ConfigurationParser {
  /// What is read of one line so far, each word with its place.
  private struct Draft {
    var settings = TLSSettings()
    var certificate: Located<String>?
    var key: Located<String>?
  }

  /// `tls sentinel OPTION…`, or `tls redis MASTER OPTION…`.
  mutating func readTLS(_ reader: inout DirectiveReader) {
    let kind = reader.value("'sentinel' or 'redis'") {
      ["sentinel", "redis"].contains($0) ? $0 : nil
    }
    guard let kind else { return skipRest(of: &reader) }
    guard kind.value == "redis" else {
      once(.tls, &reader)
      sentinelTLS = readTLSOptions(&reader) ?? sentinelTLS
      return
    }
    let name = masterName(&reader)
    if let name { once(.tls, scope: name, &reader) }
    guard let read = readTLSOptions(&reader), let name else { return }
    settings[name, default: GroupSettings()].tls = read
  }

  private mutating func readTLSOptions(_ reader: inout DirectiveReader) -> TLSSettings? {
    var draft = Draft()
    var seen: Set<String> = []
    let names = "ca, cert, key, server-name, min-version or verify"
    let complaints = reader.complaints.count
    repeat {
      guard let option = reader.word(names) else { return nil }
      guard seen.insert(option.value).inserted else {
        reader.complain("repeated in this line", at: option.place)
        skipRest(of: &reader)
        return nil
      }
      guard readTLSOption(option, into: &draft, &reader) else {
        reader.complain("expected \(names)", at: option.place)
        skipRest(of: &reader)
        return nil
      }
    } while reader.hasMore
    // What was not understood may be just what is missing.
    guard reader.complaints.count == complaints else { return nil }
    return complete(draft, &reader)
  }

  /// Reads the value of one option; false if the option isn't known.
  private mutating func readTLSOption(
    _ option: Located<String>, into draft: inout Draft, _ reader: inout DirectiveReader
  ) -> Bool {
    switch option.value {
    case "ca": draft.settings.authorities = readTLSPath("a file or a directory", &reader)?.value
    case "cert": draft.certificate = readTLSPath("a file", &reader)
    case "key": draft.key = readTLSPath("a file", &reader)
    case "server-name":
      let name = reader.value("a host name or an address", ValueRules.host)
      draft.settings.serverName = name?.value
    case "min-version":
      let version = reader.value("1.2 or 1.3", TLSSettings.Version.init(rawValue:))
      draft.settings.minVersion = version?.value ?? .tls12
    case "verify":
      guard let answer = reader.value("yes or no", { ["yes": true, "no": false][$0] }) else {
        return true
      }
      draft.settings.isVerified = answer.value
      guard !answer.value else { return true }
      caution(
        "unsafe: whoever is on the way can pose as these servers, and gets their passwords",
        at: answer.place)
    default: return false
    }
    return true
  }

  private func readTLSPath(
    _ what: String, _ reader: inout DirectiveReader
  ) -> Located<String>? {
    reader.value("the absolute path of \(what)") {
      ValueRules.path($0, limit: ValueRules.maxPath)
    }
  }

  /// Checks the options against each other.
  private func complete(
    _ draft: Draft, _ reader: inout DirectiveReader
  ) -> TLSSettings? {
    var settings = draft.settings
    switch (draft.certificate, draft.key) {
    case (let certificate?, let key?):
      settings.client = TLSSettings.Client(
        certificateFile: certificate.value, keyFile: key.value)
    case (let certificate?, nil):
      reader.complain("expected 'key FILE' as well: its private key", at: certificate.place)
    case (nil, let key?):
      reader.complain("expected 'cert FILE' as well: its certificate", at: key.place)
    case (nil, nil): break
    }
    if settings.isVerified, settings.authorities == nil {
      reader.complain(
        "expected 'ca FILE' in this line: the certificate of the CA that signs the servers'",
        at: reader.directivePlace)
    }
    return settings
  }
}
