import Addresses
import Configuration

/// What becomes of vipd.conf.
enum FileChange: Equatable {
  /// It says already what is asked for.
  case nothing
  /// A whole new text; the lines that stood there are kept in it or not.
  case text(String, keepsOldLines: Bool)
  /// It can't be changed without losing what stands there.
  case refused(SetupRemark)
}

/// Writes the lines of a group into a configuration.
struct SetupFile {
  /// What is asked for.
  let request: SetupRequest
  /// The length of the subnet's prefix.
  let length: UInt8
  /// The Sentinels, in order.
  let sentinels: [ServerNode]
  /// Whether Redis asks for a password.
  let redisLogin: SetupRequest.Login?
  /// Whether Sentinel does.
  let sentinelLogin: SetupRequest.Login?

  /// What becomes of a file that is there, or not.
  func change(of existing: String?) -> FileChange {
    guard let existing else { return .text(fresh, keepsOldLines: false) }
    let file = ExistingFile(existing)
    if file.isEmpty { return .text(fresh, keepsOldLines: false) }
    if let objection = objection(to: file) { return .refused(objection) }
    let lines = missingLines(in: file)
    guard !lines.isEmpty else { return .nothing }
    let gap = existing.isEmpty || existing.hasSuffix("\n") ? "\n" : "\n\n"
    return .text(
      existing + gap + "# \(word(request.master)): added by vipctl setup.\n" + Self.text(lines),
      keepsOldLines: true)
  }

  /// The `vip` line.
  var addressLine: String {
    "vip \(word(request.master)) \(request.address)/\(length) dev \(word(request.interface ?? "auto"))"
  }

  /// A file with nothing but this group.
  private var fresh: String {
    """
    # Made by vipctl setup, the same on every host of the group. Every directive is explained in
    # vipd.conf(5), and with its default in /usr/share/doc/vipd/examples/vipd.conf.

    """ + Self.text(missingLines(in: ExistingFile("")))
  }

  private static func text(_ lines: [String]) -> String {
    lines.map { $0 + "\n" }.joined()
  }

  /// The lines that the group still needs.
  private func missingLines(in file: ExistingFile) -> [String] {
    let isKnown = !file.addresses(of: request.master).isEmpty
    var lines: [String] = []
    if !isKnown { lines = sentinelLines(besides: file) + [addressLine] }
    let master = word(request.master)
    if request.wantsFence, file.line(of: "fence", request.master) == nil {
      lines.append("fence \(master) min-replicas all max-lag 1")
    }
    if let redisLogin, file.login(of: ["redis", request.master]) == nil {
      lines += loginLines(redisLogin, of: "redis \(master)")
    }
    if let sentinelLogin, file.login(of: ["sentinel"]) == nil {
      lines += loginLines(sentinelLogin, of: "sentinel")
    }
    return lines
  }

  /// Lines for all where the file has none yet; where it has others, lines for this master alone, so
  /// that for the other masters the same Sentinels count as before.
  private func sentinelLines(besides file: ExistingFile) -> [String] {
    let own = file.sentinels(of: request.master)
    let all = file.sentinels(of: nil)
    let master = own.isEmpty && all.isEmpty ? "" : word(request.master) + " "
    if own.isEmpty && all == Set(sentinels) { return [] }
    return sentinels.filter { !own.contains($0) }.map {
      "sentinel \(master)\(word($0.host)) \($0.port)"
    }
  }

  private func loginLines(_ login: SetupRequest.Login, of whom: String) -> [String] {
    let user = login.user.map { ["auth-user \(whom) \(word($0))"] } ?? []
    return user + ["auth-pass-file \(whom) \(word(login.file))"]
  }

  /// What stands in the file and speaks against what is asked for.
  private func objection(to file: ExistingFile) -> SetupRemark? {
    let lines = file.addresses(of: request.master)
    if let first = lines.first {
      guard let same = lines.first(where: { $0.prefix?.address == request.address }) else {
        return SetupRemark(
          text: "line \(first.number) of \(request.path) gives \(request.master) another address:"
            + " \(first.text)",
          remedy: "for another address change that line, for one more add '\(addressLine)'; on"
            + " every host, and then: vipctl reload")
      }
      let hasLength = request.length.map { $0 == same.prefix?.length } ?? true
      let hasInterface = request.interface.map { $0 == same.interface } ?? true
      guard hasLength, hasInterface else {
        return SetupRemark(
          text: "line \(same.number) of \(request.path) has it otherwise: \(same.text)",
          remedy: "change that line to '\(addressLine)', and then: vipctl reload")
      }
    }
    if request.wantsFence, let line = file.line(of: "fence", request.master),
      line.text.hasSuffix(" off")
    {
      return SetupRemark(
        text: "line \(line.number) of \(request.path) switches the fence off: \(line.text)",
        remedy: "change that line to 'fence \(word(request.master)) min-replicas all max-lag 1', on"
          + " every host, and then: vipctl reload")
    }
    return objection(redisLogin, file, ["redis", request.master])
      ?? objection(sentinelLogin, file, ["sentinel"])
  }

  private func objection(
    _ login: SetupRequest.Login?, _ file: ExistingFile, _ whom: [String]
  ) -> SetupRemark? {
    guard let login, let present = file.login(of: whom), present != login else { return nil }
    let name = whom.joined(separator: " ")
    return SetupRemark(
      text: "\(request.path) has another user or password file for \(name): \(present.file)",
      remedy: "leave the option out, or change its lines 'auth-user \(name)' and 'auth-pass-file"
        + " \(name)', and then: vipctl reload")
  }

  /// A word as it stands in the file, in quotes where it must be.
  private func word(_ text: String) -> String { Self.quoted(text) }

  /// A word as `DirectiveLine` reads it again.
  static func quoted(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x27 && $0 != 0x7f }
    if isPlain, !text.isEmpty, !text.hasPrefix("#") { return text }
    let inner = text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
    return "\"\(inner)\""
  }
}
