import FailoverCore
import Testing

@testable import Links

@Suite struct QuestionTests {
  private func at(_ milliseconds: Int64) -> Instant {
    Instant(nanoseconds: 0) + .milliseconds(milliseconds)
  }

  @Test func `It is due at once, and then a period after it was asked`() {
    var question = Question(every: .milliseconds(100))
    #expect(question.isDue(at: at(0)) && question.askedAt == nil)
    question.asked(at: at(10))
    question.close()
    #expect(!question.isDue(at: at(109)) && question.isDue(at: at(110)))
    #expect(question.askedAt == at(10))
  }

  @Test func `It is never due while an answer is waited for`() {
    var question = Question(every: .milliseconds(100))
    question.asked(at: at(0))
    #expect(question.isOpen && !question.isDue(at: at(5_000)))
    question.close()
    #expect(!question.isOpen && question.isDue(at: at(5_000)))
  }

  @Test func `Who wants it while nothing is waited for may ask at once`() {
    var question = Question(every: .milliseconds(100))
    #expect(question.want() && !question.isWantedAgain)
    question.asked(at: at(0))
    question.close()
    // Long before it is due.
    #expect(question.want() && !question.isWantedAgain)
  }

  @Test func `Who wants it meanwhile is remembered until it is asked again`() {
    var question = Question(every: .milliseconds(100))
    question.asked(at: at(0))
    #expect(!question.want() && !question.want())
    #expect(question.isWantedAgain)
    question.close()
    #expect(question.isWantedAgain, "the answer was asked for before the wish")
    question.asked(at: at(1))
    #expect(!question.isWantedAgain && question.isOpen)
  }

  @Test func `A new one knows nothing of the last`() {
    var question = Question(every: .seconds(1))
    question.asked(at: at(0))
    _ = question.want()
    question = Question(every: question.period)
    #expect(question == Question(every: .seconds(1)) && question.isDue(at: at(1)))
  }
}
