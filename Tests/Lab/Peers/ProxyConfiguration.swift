/// HAProxy before Redis, as its makers show it: every server is asked for its role, and connections
/// go to the one that says that it is the master.
struct ProxyConfiguration {
  /// Where clients connect.
  var address: String
  /// The port, of the proxy and of the servers.
  var port: UInt16
  /// The servers' addresses.
  var servers: [String]

  /// haproxy.cfg.
  ///
  /// The checks and time-outs are those of “HAProxy advanced Redis health check” on the makers'
  /// blog, with its pace of a check a second. `on-marked-down shutdown-sessions` is added, as the
  /// manual advises for databases: without it, sessions stay with a master that is gone until the
  /// time-outs end them.
  var text: String {
    """
    defaults
      mode tcp
      timeout connect 4s
      timeout server 30s
      timeout client 30s

    frontend redis
      bind \(address):\(port)
      default_backend masters

    backend masters
      option tcp-check
      tcp-check connect
      tcp-check send PING\\r\\n
      tcp-check expect string +PONG
      tcp-check send info\\ replication\\r\\n
      tcp-check expect string role:master
      tcp-check send QUIT\\r\\n
      tcp-check expect string +OK
      default-server check inter 1s on-marked-down shutdown-sessions
    \(serverLines)
    """
  }

  private var serverLines: String {
    servers.enumerated().map { "  server redis\($0 + 1) \($1):\(port)\n" }.joined()
  }
}
