import Addresses
import FailoverCore
import Links
import NIOCore
import Platform

/// A second way to the local Redis, over loopback, for when the host has lost the address by which Sentinel
/// knows it.
///
/// Whatever listens there counts only if it is the same process, by its run id.
final class LoopbackPath {
  /// How often it is tried.
  private static let period = Duration.milliseconds(90)

  /// The process that was last met at the address; without one nothing is tried.
  private var process: String?
  /// Whether the host has had the address since it is followed: behind a translation it never has it.
  private var wasThere = false
  private var askedAt: Instant?
  private let connections: ShortConnections

  init(access: Access, loop: any EventLoop, clock: HostClock) {
    connections = ShortConnections(.questions, access: access, loop: loop, clock: clock)
  }

  /// Takes in which process answers where it is followed.
  func met(_ process: String) { self.process = process }

  /// Forgets an instance that is not followed any more.
  func forget() { (process, wasThere, askedAt) = (nil, false, nil) }

  /// Looks for the way, once the address is gone; `found` is called at most once for each loss of it.
  func tick(
    home: Endpoint, isThere: Bool, at now: Instant, found: @escaping (Endpoint) -> Void
  ) {
    connections.tick(at: now)
    if isThere { (wasThere, askedAt) = (true, nil) }
    guard !isThere, wasThere, let process, askedAt.map({ now - $0 >= Self.period }) ?? true else {
      return
    }
    askedAt = now
    let way = Endpoint(address: home.address.loopback, port: home.port)
    connections.send(
      RedisRequest.identityQuestion, to: way, meaning: home.address
    ) { [weak self] outcome in
      guard let self, self.process == process, wasThere, askedAt != nil,
        RedisRequest.process(in: outcome) == process
      else { return }
      wasThere = false
      found(way)
    }
  }

  /// Closes its connections.
  func end() { connections.end() }
}
