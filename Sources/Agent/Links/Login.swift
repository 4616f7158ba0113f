/// A user and a password for Redis or Sentinel, as read from their file.
struct Login: Equatable, Sendable {
  /// The user; nothing for `default`.
  var user: String?
  /// The password.
  var password: String

  /// The words after `HELLO 3`.
  var helloWords: [String] { ["AUTH", user ?? "default", password] }

  /// The command for servers that do not know HELLO (before 6.0).
  var authCommand: [String] {
    user.map { ["AUTH", $0, password] } ?? ["AUTH", password]
  }
}
