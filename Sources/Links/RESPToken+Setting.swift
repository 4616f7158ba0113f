import RESP

extension RESPToken {
  /// The value in the answer of `CONFIG GET` with the name of one setting, a map or a flat array of one
  /// pair; nil for an error, and for a setting that the server does not have or keeps to itself.
  func setting(_ name: StaticString) -> RESPToken? {
    guard errorText == nil, var elements, elements.next()?.reads(name) == true else { return nil }
    return elements.next()
  }
}
