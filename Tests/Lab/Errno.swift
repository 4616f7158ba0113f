import Glibc

/// The text of an errno value; strerror(3).
func errorText(_ code: Int32) -> String {
  guard let text = unsafe strerror(code) else { return "error \(code)" }
  return unsafe String(cString: text)
}

/// The error of the system call that has just failed.
func systemCallError(_ name: String, _ object: String) -> LabError {
  .systemCall(name: name, errno: errno, object: object)
}
