import FailoverCore

extension AddressFailure {
  /// A clause for a log line.
  package var sentence: String {
    switch self {
    case .interface(VirtualAddress.automaticInterface):
      "no interface that is up has an address in its subnet"
    case .interface(let name): "the interface \(name) is missing or down"
    case .kernel(let text): text
    }
  }
}
