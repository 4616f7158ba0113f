import Addresses
import RESP

/// `CLIENT KILL` for the clients of a virtual address, where the kernel can't end sessions.
enum ClientKill {
  /// The commands that end the connections to some addresses and ports of an instance.
  ///
  /// `LADDR` is the end that the server sees as its own, so clients of the node's own address stay;
  /// the types leave replicas and masters alone, whatever address they use. The filter came with
  /// Redis 6.2; an older server answers with an error, and its clients are woken by the next
  /// holder.
  static func words(of ends: [Endpoint]) -> [[String]] {
    ends.flatMap { end in
      ["normal", "pubsub"].map { type in
        ["CLIENT", "KILL", "LADDR", end.description, "TYPE", type, "SKIPME", "yes"]
      }
    }
  }
}

extension RedisLink {
  /// Ends the connections of clients to addresses of this instance, and no replica's.
  ///
  /// - Returns: whether it could be asked; it has been, when this returns.
  func killClients(of ends: [Endpoint]) -> Bool {
    guard isConnected, let commands else { return false }
    let words = ClientKill.words(of: ends)
    commands.send(
      words.flatMap(RESPWriter.command), expecting: repeatElement(.kill, count: words.count))
    commands.flush()
    return true
  }
}
