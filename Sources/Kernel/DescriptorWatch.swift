import CLinux
import Glibc

/// Waits on descriptors that NIO can't read, on the program's first thread.
///
/// NIO owns the sockets of links and clients. Netlink, packet sockets and signals have no channel
/// type there, so the first thread, which has nothing else to do, sleeps in epoll_wait(2) on them
/// and only says which one can be read; everything that is read and decided happens on the event
/// loop. A descriptor is reported once, and again after `rearm`.
package final class DescriptorWatch: Sendable {
  private let epoll: Int32
  private let end: Int32

  package init?() {
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    end = eventfd(0, Int32(EFD_CLOEXEC))
    guard epoll >= 0, end >= 0, control(EPOLL_CTL_ADD, end) else { return nil }
  }

  deinit {
    close(epoll)
    close(end)
  }

  /// Watches a descriptor; its owner closes it, which also ends the watch.
  package func add(_ descriptor: Int32) -> Bool {
    control(EPOLL_CTL_ADD, descriptor)
  }

  /// Reports a descriptor again once it can be read.
  package func rearm(_ descriptor: Int32) {
    _ = control(EPOLL_CTL_MOD, descriptor)
  }

  /// Reports nothing of a descriptor until `rearm`.
  func disarm(_ descriptor: Int32) {
    _ = control(EPOLL_CTL_MOD, descriptor, events: 0)
  }

  /// Makes `run` return.
  package func finish() {
    _ = eventfd_write(end, 1)
  }

  /// Blocks, and reports each descriptor that can be read, until `finish`.
  package func run(_ report: (Int32) -> Void) {
    var events = unsafe [epoll_event](repeating: epoll_event(), count: 16)
    while true {
      let count = unsafe epoll_wait(epoll, &events, Int32(events.count), -1)
      if count < 0 {
        if errno == EINTR { continue }
        return
      }
      for index in 0..<Int(count) {
        let descriptor = unsafe events[index].data.fd
        if descriptor == end { return }
        report(descriptor)
      }
    }
  }

  private func control(
    _ operation: Int32, _ descriptor: Int32, events: UInt32 = EPOLLIN.rawValue
  ) -> Bool {
    var event = unsafe epoll_event()
    unsafe event.events = events | (descriptor == end ? 0 : EPOLLONESHOT.rawValue)
    unsafe event.data.fd = descriptor
    return unsafe epoll_ctl(epoll, operation, descriptor, &event) == 0
  }
}
