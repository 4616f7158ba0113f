/// What can go wrong in the lab.
public enum LabError: Error, Equatable, CustomStringConvertible {
  /// A system call failed; the object is what it was called for.
  case systemCall(name: String, errno: Int32, object: String)
  /// A program ended with a status other than 0; the output is what it wrote.
  case commandFailed(command: String, status: Int32, output: String)
  /// A condition did not come true in time.
  case timedOut(waitingFor: String)
  /// The other side closed a connection.
  case connectionClosed
  /// The other side sent something that is no RESP, or an answer that was not expected.
  case unexpectedReply(String)
  /// The request makes no sense for this lab; the text says why.
  case refused(String)

  /// A sentence for people.
  public var description: String {
    switch self {
    case .systemCall(let name, let errno, let object):
      "\(name) failed for \(object): \(errorText(errno))"
    case .commandFailed(let command, let status, let output):
      "‘\(command)’ ended with status \(status): \(output)"
    case .timedOut(let what): "gave up waiting for \(what)"
    case .connectionClosed: "the connection was closed"
    case .unexpectedReply(let text): "unexpected reply: \(text)"
    case .refused(let why): why
    }
  }
}
