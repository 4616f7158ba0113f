/// A user and a password for Redis or Sentinel, as read from their file.
package struct Login: Equatable, Sendable {
  /// The user; nothing for `default`.
  package var user: String?
  /// The password.
  package var password: String

  package init(user: String? = nil, password: String) {
    self.user = user
    self.password = password
  }

  /// The words after `HELLO 3`.
  var helloWords: [String] { ["AUTH", user ?? "default", password] }

  /// The command for servers that do not know HELLO (before 6.0).
  var authCommand: [String] {
    user.map { ["AUTH", $0, password] } ?? ["AUTH", password]
  }
}
