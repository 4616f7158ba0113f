/// The key that a group's daemons share to authenticate their messages.
///
/// HMAC-SHA-256 (RFC 2104, FIPS 198-1). The key never shows in a description.
public struct ChannelKey: Sendable {
  /// The shortest secret that is taken: 128 bits, if they are random.
  public static let shortest = 16
  /// The longest secret that is taken; a key file has no reason to be longer.
  public static let longest = 4096

  /// The key, padded to a block and mixed with 0x36 (RFC 2104 §2).
  private let inner: [UInt8]
  /// The key, padded to a block and mixed with 0x5c (RFC 2104 §2).
  private let outer: [UInt8]

  /// Makes a key of a secret of any length.
  init(secret: some Collection<UInt8>) {
    var block = secret.count > SHA256.blockLength ? SHA256.hash(secret) : Array(secret)
    block += Array(repeating: 0, count: SHA256.blockLength - block.count)
    self.inner = block.map { $0 ^ 0x36 }
    self.outer = block.map { $0 ^ 0x5c }
  }

  /// Makes a key of what stands in a key file; blanks and line ends around it don't count.
  ///
  /// Nothing if the secret has less than 16 or more than 4096 bytes.
  public init?(fileContent: [UInt8]) {
    let isBlank: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0d).contains($0) }
    let secret = fileContent.drop(while: isBlank).reversed().drop(while: isBlank).reversed()
    guard (Self.shortest...Self.longest).contains(secret.count) else { return nil }
    self.init(secret: Array(secret))
  }

  /// The code that authenticates a message: 32 bytes.
  func authenticationCode(for message: some Collection<UInt8>) -> [UInt8] {
    var hash = SHA256()
    hash.update(inner)
    hash.update(message)
    let digest = hash.finish()
    hash = SHA256()
    hash.update(outer)
    hash.update(digest)
    return hash.finish()
  }

  /// Whether a code is the right one.
  ///
  /// All bytes are compared whatever they are, so that the time taken tells a forger nothing.
  func isValid(_ code: [UInt8], for message: some Collection<UInt8>) -> Bool {
    let expected = authenticationCode(for: message)
    guard code.count == expected.count else { return false }
    return zip(code, expected).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
  }
}

extension ChannelKey: CustomStringConvertible, CustomReflectable {
  /// Only that it is a key.
  public var description: String { "ChannelKey(secret)" }
  /// Nothing: `dump` must not show what `description` hides.
  public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
