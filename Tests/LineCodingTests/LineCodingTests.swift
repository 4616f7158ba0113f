import LineCoding
import Testing

/// Every escaping, and what it makes of each kind of byte.
private let escapings: [(PercentEscaping, String)] = [
  (.recording, "aZ0-_.:%2F%20%25%0A%7F%C3%A9"), (.message, "aZ0-_.:/%20%25%0a%7f%c3%a9"),
  (.history, "aZ0-_.:/%20%25%0a%7fé"), (.fileName, "aZ0-_%2e%3a%2f%20%25%0a%7f%c3%a9"),
  (.earlierFileName, "aZ0-_%2e%3a%2f%20%25%a%7f%c3%a9"),
]

@Suite struct PercentEscapingTests {
  private let text = "aZ0-_.:/ %\n\u{7f}é"

  @Test(arguments: escapings)
  func `Each format escapes what it always has`(escaping: PercentEscaping, word: String) {
    #expect(escaping.escape(text.utf8) == word)
  }

  @Test(arguments: escapings.prefix(4))
  func `What is escaped is read again`(escaping: PercentEscaping, word: String) {
    #expect(escaping.unescape(Substring(word)) == text)
    let all = String(String.UnicodeScalarView((0..<0x300).compactMap(Unicode.Scalar.init)))
    let escaped = escaping.escape(all.utf8)
    #expect(!escaped.contains(" ") && !escaped.contains("\n"))
    #expect(escaping.unescape(Substring(escaped)) == all)
  }

  @Test(arguments: ["%", "%2", "%zz", "%+f", "a%", "%ff", "%FF"])
  func `A malformed word is refused, but in the history, which is read as far as it goes`(
    word: String
  ) {
    #expect(PercentEscaping.recording.unescape(Substring(word)) == nil)
    #expect(PercentEscaping.message.unescape(Substring(word)) == nil)
    let isByte = word.lowercased() == "%ff"
    #expect(PercentEscaping.history.unescape(Substring(word)) == (isByte ? "\u{fffd}" : word))
  }

  @Test func `Digits are read as they are written`() {
    #expect(PercentEscaping.recording.unescape("%2d") == nil)
    #expect(PercentEscaping.message.unescape("%2D") == nil)
    #expect(PercentEscaping.history.unescape("%2D%2d") == "--")
  }
}

@Suite struct FieldTests {
  @Test func `A word is cut at the first mark`() {
    let field = LineField("text=a=b:c", marks: ["=", ":"])
    #expect(field.name == "text" && field.mark == "=" && field.value == "a=b:c")
    let number = LineField("afterMs:313", marks: ["=", ":"])
    #expect(number.name == "afterMs" && number.mark == ":" && number.value == "313")
    let none = LineField("woke")
    #expect(none.name == nil && none.mark == nil && none.value == "woke")
    #expect(LineField("=1").name == "")
  }

  @Test func `Fields are taken by name, the first of two, and what is left stands in its order`() {
    var fields = FieldReader(["b=2", "a=1", "up", "b=3"])
    #expect(fields.has("a") && !fields.has("up"))
    #expect(fields.takeValue(of: "a") == "1")
    #expect(fields.takeValue(of: "b") == "2")
    #expect(fields.takeValue(of: "c") == nil)
    #expect(fields.rest.map(\.word) == ["up", "b=3"])
  }

  @Test func `A line holds its parts, and those that are there`() {
    let part: LineText = " fence=off"
    let line: LineText = "state\(part)\(ifAny: nil)\(ifAny: " paused=no")" + "!"
    #expect(line.text == "state fence=off paused=no!")
  }
}
