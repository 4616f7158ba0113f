import Testing

@testable import ChannelMessages

private func bytes(_ hex: String) -> [UInt8] {
  let digits = hex.utf8.map { UInt8(String(UnicodeScalar($0)), radix: 16) ?? 0 }
  return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// One test case of RFC 4231, each as hexadecimal digits.
private struct CodeExample: Sendable {
  var key: String
  var data: String
  var code: String
}

/// RFC 4231 §4.2 to §4.8; §4.6 is the truncated one and has no place here.
private let codeExamples: [CodeExample] = [
  CodeExample(
    key: String(repeating: "0b", count: 20), data: "4869205468657265",
    code: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
  CodeExample(
    key: "4a656665", data: "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
    code: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
  CodeExample(
    key: String(repeating: "aa", count: 20), data: String(repeating: "dd", count: 50),
    code: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
  CodeExample(
    key: "0102030405060708090a0b0c0d0e0f10111213141516171819",
    data: String(repeating: "cd", count: 50),
    code: "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
  CodeExample(
    key: String(repeating: "aa", count: 131),
    data: """
      54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a\
      65204b6579202d2048617368204b6579204669727374
      """,
    code: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
  CodeExample(
    key: String(repeating: "aa", count: 131),
    data: """
      5468697320697320612074657374207573696e672061206c6172676572207468\
      616e20626c6f636b2d73697a65206b657920616e642061206c61726765722074\
      68616e20626c6f636b2d73697a6520646174612e20546865206b6579206e6565\
      647320746f20626520686173686564206265666f7265206265696e6720757365\
      642062792074686520484d414320616c676f726974686d2e
      """,
    code: "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
]

@Suite struct SHA256Tests {
  @Test(arguments: [
    // FIPS 180-4 examples (NIST, SHA256.pdf) and the empty message of SHAVS.
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
        + "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
  ])
  func `A digest is that of the standard's examples`(message: String, digest: String) {
    #expect(SHA256.hash(Array(message.utf8)) == bytes(digest))
  }

  @Test func `A million times a is hashed as the standard says`() {
    var hash = SHA256()
    for _ in 0..<1000 { hash.update(Array(repeating: UInt8(ascii: "a"), count: 1000)) }
    #expect(
      hash.finish() == bytes("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"))
  }

  @Test func `Where the pieces are cut makes no difference`() {
    let message = (0..<200).map { UInt8($0) }
    for cut in 0...200 {
      var hash = SHA256()
      hash.update(message[..<cut])
      hash.update(message[cut...])
      #expect(hash.finish() == SHA256.hash(message))
    }
  }

  @Test(arguments: codeExamples)
  fileprivate func `A code is that of RFC 4231`(example: CodeExample) {
    let key = ChannelKey(secret: bytes(example.key))
    #expect(key.authenticationCode(for: bytes(example.data)) == bytes(example.code))
    #expect(key.isValid(bytes(example.code), for: bytes(example.data)))
  }

  @Test func `A code with one bit changed, or one byte less, is wrong`() {
    let key = ChannelKey(secret: Array("a shared secret!".utf8))
    let code = key.authenticationCode(for: [1, 2, 3])
    for bit in 0..<256 {
      var forged = code
      forged[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(!key.isValid(forged, for: [1, 2, 3]))
    }
    #expect(!key.isValid(code.dropLast(), for: [1, 2, 3]))
    #expect(!key.isValid([], for: [1, 2, 3]))
  }

  @Test func `Blanks around a secret in its file don't count`() throws {
    let plain = try #require(ChannelKey(fileContent: Array("0123456789abcdef".utf8)))
    let framed = try #require(ChannelKey(fileContent: Array(" \t0123456789abcdef\r\n".utf8)))
    #expect(plain.authenticationCode(for: [1]) == framed.authenticationCode(for: [1]))
  }

  @Test(arguments: [0, 15, 4097])
  func `A secret that is too short or too long is refused`(count: Int) {
    #expect(ChannelKey(fileContent: Array(repeating: 0x61, count: count)) == nil)
  }

  @Test func `A key doesn't show in text`() throws {
    let key = try #require(ChannelKey(fileContent: Array("0123456789abcdef".utf8)))
    var dumped = ""
    dump(key, to: &dumped)
    #expect("\(key)" == "ChannelKey(secret)")
    #expect(dumped == "- ChannelKey(secret)\n")
  }
}
