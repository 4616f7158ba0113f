import NIOCore
import NIOPosix
import Synchronization

/// Threads for calls that may hang as long as a name server is silent; nothing else runs on them.
///
/// They begin with the first call. Nobody ever waits for them: a program that ends leaves them in
/// their calls.
final class LookupThreads: Sendable {
  /// Calls that run at a time; a silent name server holds each for 10 s and more (resolv.conf(5)).
  static let limit = 4

  private let loop: any EventLoop
  private let state = Mutex(State())

  private struct State {
    var pool: NIOThreadPool?
    var hasEnded = false
  }

  init(loop: any EventLoop) {
    self.loop = loop
  }

  deinit {
    end()
  }

  /// Makes a call, and hands what it returns to the loop; after `end` nothing is handed over.
  func run<Result: Sendable>(
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
  func end() {
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
        let pool = NIOThreadPool(numberOfThreads: Self.limit)
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
