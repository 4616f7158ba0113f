package import NIOCore
import NIOPosix
import Synchronization

/// Threads of one purpose, for calls that may hang: a silent name server, a disk that does not answer.
///
/// What must not wait for one another has threads of its own. They begin with the first call.
/// Nobody ever waits for them: a program that ends leaves them in their calls.
package final class BlockingThreads: Sendable {
  private let loop: any EventLoop
  private let count: Int
  private let state = Mutex(State())

  private struct State {
    var pool: NIOThreadPool?
    var hasEnded = false
  }

  /// Makes so many threads; one makes its calls in the order in which they were given.
  package init(_ count: Int = 1, loop: any EventLoop) {
    self.count = count
    self.loop = loop
  }

  deinit {
    end()
  }

  /// Makes a call, and hands what it returns to the loop; after `end` nothing is handed over.
  package func run<Result: Sendable>(
    _ call: @escaping @Sendable () -> Result, then use: @escaping (Result) -> Void
  ) {
    let use = NIOLoopBound(use, eventLoop: loop)
    pool?.submit { [weak self] item in
      guard item == .active else { return }
      let result = call()
      self?.deliver { use.value(result) }
    }
  }

  /// Hands over nothing more, and waits for nobody.
  package func end() {
    let pool = state.withLock { state in
      state.hasEnded = true
      defer { state.pool = nil }
      return state.pool
    }
    pool?.shutdownGracefully { _ in }
  }

  private var pool: NIOThreadPool? {
    state.withLock { state in
      if state.pool == nil, !state.hasEnded {
        let pool = NIOThreadPool(numberOfThreads: count)
        pool.start()
        state.pool = pool
      }
      return state.pool
    }
  }

  /// The lock is held meanwhile, so that the loop is not told anything once `end` has returned.
  private func deliver(_ use: @escaping @Sendable () -> Void) {
    state.withLock { state in
      if !state.hasEnded { loop.execute(use) }
    }
  }
}
