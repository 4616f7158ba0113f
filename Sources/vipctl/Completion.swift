import ArgumentParser
import ControlProtocol
import FoundationEssentials

/// What a shell completes with what the running daemon knows; where there is none, with nothing.
extension CompletionKind {
  /// The master names.
  static let masters = CompletionKind.custom { words, _, _ in
    guard let answer = Completion.ask(["STATUS"], words) else { return [] }
    return Completion.masters(inStatus: answer)
  }

  /// The master names that the Sentinel of this host knows, before there is a daemon.
  static let monitored = CompletionKind.custom { _, _, _ in
    let node = ServerNode(host: "127.0.0.1", port: ServerFile.sentinelPorts()[0])
    return ServerDialogue.sentinel(
      at: node, of: "", login: nil, patience: Completion.patience
    ).masters
  }

  /// The nodes to which the master that stands before can move.
  static let nodes = CompletionKind.custom { words, _, _ in
    guard let all = Completion.ask(["STATUS"], words) else { return [] }
    let named = Completion.masters(inStatus: all).first(where: words.contains)
    let nodes = Completion.ask(["NODES", named ?? "*"], words) ?? ""
    return Completion.shown(
      nodes.split(separator: "\n").map(String.init), in: CompletionShell.requesting)
  }

  /// The Sentinels that are not there, which alone can be forgotten.
  static let sentinels = CompletionKind.custom { words, _, _ in
    guard let answer = Completion.ask(["SENTINELS"], words) else { return [] }
    return Completion.shown(
      Completion.missing(inSentinels: answer), in: CompletionShell.requesting)
  }
}

/// Asking the daemon on behalf of a shell.
enum Completion {
  /// How long somebody who pressed Tab waits at most.
  static let patience = Duration.milliseconds(500)

  /// What the daemon answers; nothing where it doesn't.
  ///
  /// - Parameters:
  ///   - command: what it is asked.
  ///   - words: the command line so far, in which another socket may stand.
  /// - Returns: the text of its answer.
  static func ask(_ command: [String], _ words: [String]) -> String? {
    do throws(Failure) {
      var client = try ConnectionOptions.connect(
        socket: socket(in: words), patience: patience)
      return try client.ask(command)
    } catch {
      return nil
    }
  }

  /// Words as a shell takes them: for zsh a colon would begin an explanation.
  static func shown(_ words: [String], in shell: CompletionShell?) -> [String] {
    shell == .zsh ? words.map { $0.replacing(":", with: "\\:") } : words
  }

  /// The value of `--socket` in a command line.
  static func socket(in words: [String]) -> String? {
    let option = "--socket"
    if let index = words.firstIndex(of: option), words.indices.contains(index + 1) {
      return words[index + 1]
    }
    return words.first { $0.hasPrefix("\(option)=") }.map { String($0.dropFirst(option.count + 1)) }
  }

  /// The master names in what `STATUS` answers.
  static func masters(inStatus text: String) -> [String] {
    let document = try? JSONDecoder().decode(StatusDocument.self, from: Data(text.utf8))
    return document?.groups.map(\.master) ?? []
  }

  /// The addresses of Sentinels that count and are not there, in what `SENTINELS` answers.
  static func missing(inSentinels text: String) -> [String] {
    let document = try? JSONDecoder().decode(SentinelsDocument.self, from: Data(text.utf8))
    let known = (document?.groups ?? []).flatMap(\.known).filter(\.missing)
    return Set(known.map { $0.address ?? $0.runId }).sorted()
  }
}
