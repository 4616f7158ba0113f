/// What it takes to be let in by servers of one kind: who asks, and how connections are encrypted.
package struct Access: Equatable {
  /// The user and the password; nil where servers ask for none.
  package var login: Login?
  /// What makes connections encrypted ones; nil where they are not.
  package var tls: TLSClient?

  package init(login: Login? = nil, tls: TLSClient? = nil) {
    self.login = login
    self.tls = tls
  }

  /// Certificates that are replaced change nothing here: connections that stand go on.
  package static func == (left: Access, right: Access) -> Bool {
    left.login == right.login && left.tls === right.tls
  }
}
