import Dispatch
import Foundation
import Synchronization

/// A thread of its own in a network namespace of its own, as an executor.
///
/// A network namespace belongs to a thread (network_namespaces(7)), and this one has no name: it
/// vanishes with the thread, whatever a test did in it. What a test does here, child processes
/// included, stays in the namespace.
final class NamespaceExecutor: SerialExecutor {
  private let queue = Queue()

  init() {
    let queue = self.queue
    Thread { queue.run() }.start()
  }

  deinit { queue.stop() }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let executor = unsafe asUnownedSerialExecutor()
    queue.add { unsafe job.runSynchronously(on: executor) }
  }

  /// What is left to do on the thread.
  private final class Queue: Sendable {
    private let pending = Mutex<(jobs: [@Sendable () -> Void], isStopped: Bool)>(([], false))
    private let added = DispatchSemaphore(value: 0)

    func add(_ job: @escaping @Sendable () -> Void) {
      pending.withLock { $0.jobs.append(job) }
      added.signal()
    }

    func stop() {
      pending.withLock { $0.isStopped = true }
      added.signal()
    }

    func run() {
      enterNamespace()
      while true {
        added.wait()
        let next = pending.withLock { $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }
        if let next {
          next()
        } else if pending.withLock({ $0.isStopped }) {
          return
        }
      }
    }
  }
}
