import ControlProtocol

// What tests put into a document, in a line.

extension StatusDocument.Address {
  init(address: String, interface: String, present: Bool) {
    self.init { ($0.address, $0.interface, $0.present) = (address, interface, present) }
  }
}

extension StatusDocument.Lease {
  init(basis: String, remainingMs: Int64? = nil) {
    self.init { ($0.basis, $0.remainingMs) = (basis, remainingMs) }
  }
}

extension StatusDocument.Problem {
  init(id: String, text: String) {
    self.init { ($0.id, $0.text) = (id, text) }
  }
}

extension StatusDocument.SelfCheck {
  init(result: String, text: String) {
    self.init { ($0.result, $0.text) = (result, text) }
  }
}

extension StatusDocument.Fence {
  init(
    state: String, minReplicas: Int? = nil, maxLag: Int? = nil, problem: String? = nil,
    doubt: String? = nil, missing: [String]? = nil
  ) {
    self.init { fence in
      (fence.state, fence.minReplicas, fence.maxLag) = (state, minReplicas, maxLag)
      (fence.problem, fence.doubt, fence.missing) = (problem, doubt, missing)
    }
  }
}

extension PhaseDocument {
  init(name: String, atMs: Double) {
    self.init { ($0.name, $0.atMs) = (name, atMs) }
  }
}

extension HistoryDocument.Entry {
  mutating func set(text: String) {
    fields.removeAll { $0.name == "text" }
    fields.append(.init(name: "text", value: .text(text)))
  }
}
