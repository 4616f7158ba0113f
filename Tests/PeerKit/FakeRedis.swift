import NIOCore
package import RESP

/// What a Redis of one's choice answers, with a fence that can be set.
///
/// It lives on the loop of the test; the answers of `FakeServer` reach it there.
package final class FakeRedis {
  package var role = Captured.roleOfMasterInRESP3
  var replication = Captured.replication
  /// The texts of INFO server and INFO keyspace.
  var server = "# Server\r\nrun_id:0123456789abcdef0123456789abcdef01234567\r\n"
  var keyspace = "# Keyspace\r\n"
  /// The texts of INFO persistence and INFO stats.
  package var persistence = "loading:0\r\nrdb_last_bgsave_status:ok\r\naof_enabled:0\r\n"
  var stats = "rejected_connections:0\r\n"
  /// Settings that CONFIG GET tells beside those of the fence.
  var settings = ["save": "3600 1", "stop-writes-on-bgsave-error": "yes"]
  package var minReplicas = "0"
  package var maxLag = "10"
  /// What is answered in place of the usual, by the words of a command or its first one or two.
  package var refusals: [String: String] = [:]
  /// Commands that are not answered, by their first one or two words.
  package var silent: Set<String> = []
  /// The password that AUTH has to bring before anything else is answered; nothing for none.
  package var password: String?
  /// Whether HELLO is known.
  package var knowsVersionThree = true
  private var queue: [[String]]?

  package init() {}

  /// Answers one command.
  package func answer(_ words: [String], _ writer: inout RESPWriter) {
    guard !silent.contains(words[0]), !silent.contains(words.prefix(2).joined(separator: " "))
    else { return }
    if queue != nil, words[0] != "EXEC" {
      queue?.append(words)
      return writer.simpleString("QUEUED")
    }
    if words[0] == "AUTH" {
      password = words.last == password ? nil : password
      return password == nil ? writer.simpleString("OK") : writer.error("WRONGPASS")
    }
    if let text = refusal(of: words) { return writer.error(text) }
    switch words[0] {
    case "HELLO": hello(&writer)
    case "ROLE": writer.bytes += Captured.bytes(role)
    case "INFO":
      let texts = [
        "persistence": persistence, "stats": stats, "server": server, "keyspace": keyspace,
      ]
      writer.bulkString(texts[words[1]] ?? replication)
    case "SUBSCRIBE":
      for (index, channel) in words.dropFirst().enumerated() {
        writer.push(count: 3)
        writer.bulkString("subscribe")
        writer.bulkString(channel)
        writer.integer(Int64(index + 1))
      }
    case "CONFIG": configure(words, &writer)
    case "MULTI":
      queue = []
      writer.simpleString("OK")
    case "EXEC":
      let commands = queue ?? []
      queue = nil
      writer.array(count: commands.count)
      for command in commands { answer(command, &writer) }
    case "REPLICAOF":
      role = Captured.roleOfReplicaInRESP3
      writer.simpleString("OK")
    case "CLIENT", "PUBLISH": writer.integer(1)
    default: writer.error("ERR unknown command")
    }
  }

  private func refusal(of words: [String]) -> String? {
    if password != nil, words[0] != "HELLO" { return "NOAUTH Authentication required." }
    for count in 1...words.count {
      if let text = refusals[words.prefix(count).joined(separator: " ")] { return text }
    }
    return nil
  }

  private func hello(_ writer: inout RESPWriter) {
    guard knowsVersionThree else { return writer.error("ERR unknown command `HELLO`") }
    writer.version = .three
    writer.map(count: 0)
  }

  private func configure(_ words: [String], _ writer: inout RESPWriter) {
    switch words[1] {
    case "GET" where settings[words[2]] != nil:
      writer.map(count: 1)
      writer.bulkString(words[2])
      writer.bulkString(settings[words[2]] ?? "")
    case "GET":
      writer.map(count: 2)
      for word in ["min-replicas-to-write", minReplicas, "min-replicas-max-lag", maxLag] {
        writer.bulkString(word)
      }
    case "SET":
      if words[2] == "min-replicas-to-write" { minReplicas = words[3] } else { maxLag = words[3] }
      writer.simpleString("OK")
    default: writer.simpleString("OK")
    }
  }
}
