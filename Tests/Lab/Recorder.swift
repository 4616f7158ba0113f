import Foundation
import Synchronization

/// A list that several threads append to.
final class SharedList<Element: Sendable>: Sendable {
  private let elements = Mutex<[Element]>([])

  func append(_ element: Element) {
    elements.withLock { $0.append(element) }
  }

  var all: [Element] { elements.withLock { $0 } }
}

/// Threads that watch until they are told to end.
final class Watchers: Sendable {
  private let ending = Atomic(false)
  private let running = Atomic(0)

  /// Whether the watchers shall end.
  var shallEnd: Bool { ending.load(ordering: .relaxed) }

  /// Starts a thread that calls a function until the end.
  func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
    running.add(1, ordering: .relaxed)
    let thread = Thread { [self] in
      body()
      running.subtract(1, ordering: .releasing)
    }
    thread.name = name
    thread.start()
  }

  /// Ends all threads and waits for them.
  func end() {
    ending.store(true, ordering: .relaxed)
    while running.load(ordering: .acquiring) > 0 { pause(milliseconds: 1) }
  }
}
