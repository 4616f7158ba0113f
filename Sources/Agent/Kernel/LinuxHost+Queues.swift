import Addresses
import LinuxNetwork
import Logging

extension LinuxHost {
  func acceptQueue(of endpoint: Endpoint) -> AcceptQueue? {
    do {
      if queues == nil { queues = try AcceptQueueReader() }
      return try queues?.queue(of: endpoint)
    } catch {
      failureLog.warning("How many connections wait to be accepted can't be read: \(error)")
      return nil
    }
  }
}
