package import FailoverCore
import Glibc
package import Logging
package import NIOCore
import NIOPosix
import Platform

/// Which of the two sockets a client came by.
package enum ControlDoor: Equatable {
  /// The operators' socket: everything, for root and the `vipd` group.
  case operators
  /// The hook's socket: RECONFIG and PING, for whoever can open it.
  case hook
}

/// Listens on one of the two unix sockets, and bounds who is let in.
package final class ControlServer {
  /// Clients at a time.
  ///
  /// Whoever comes beyond takes the place of the oldest, so that clients that say nothing can't
  /// keep the hook out.
  static let clientLimit = 64
  /// What may wait for a client that does not read; then it is dropped.
  static let outputLimit = 1 << 20

  let door: ControlDoor
  private let path: String
  private let loop: any EventLoop
  private let logger: Logger
  private let commands: ControlCommands
  private let access: ControlAccess
  private var file: SocketFile?
  private var channel: (any Channel)?
  private var sessions: [ObjectIdentifier: ControlSession] = [:]
  private lazy var failureLog = RateLimitedLog(logger, clock: HostClock())

  package init(
    _ door: ControlDoor, at path: String, file: SocketFile? = nil, commands: ControlCommands,
    access: ControlAccess, loop: any EventLoop, logger: Logger
  ) {
    self.door = door
    self.file = file
    self.path = path
    self.commands = commands
    self.access = access
    self.loop = loop
    self.logger = logger
  }

  /// Begins to answer, on a socket that is made here if it was not before; `ready` is called with what
  /// went wrong, or nil.
  package func open(_ ready: @escaping (String?) -> Void) {
    do throws(SocketFile.Failure) {
      if file == nil { file = try SocketFile.listen(at: path) }
    } catch {
      return ready(error.sentence(of: path))
    }
    guard let file else { return }
    let server = NIOLoopBound(self, eventLoop: loop)
    ServerBootstrap(group: loop)
      .serverChannelOption(.backlog, value: SocketFile.backlog)
      .childChannelOption(
        .writeBufferWaterMark, value: .init(low: 1 << 16, high: Self.outputLimit)
      )
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try server.value.accept(channel) }
      }
      .withBoundSocket(file.duplicate())
      .assumeIsolated().whenComplete { [self] result in
        switch result {
        case .success(let channel):
          self.channel = channel
          ready(access.grant(path, to: door))
        case .failure(let error): ready("can't listen on \(path): \(error)")
        }
      }
  }

  /// Stops listening, ends every client, and removes the socket.
  package func close() {
    file?.remove()
    file = nil
    channel?.close(promise: nil)
    channel = nil
    for session in sessions.values { session.close() }
  }

  /// Does what is due; called on every tick.
  package func tick(at now: Instant) {
    for session in sessions.values { session.tick(at: now) }
  }

  private func accept(_ channel: any Channel) throws {
    if sessions.count >= Self.clientLimit {
      complain("\(path): more than \(Self.clientLimit) clients; the oldest is turned away")
      sessions.values.min { $0.begunAt < $1.begunAt }?.drop()
    }
    let session = ControlSession(
      channel: channel, door: door, commands: commands, access: access
    ) { [weak self] session in self?.sessions[ObjectIdentifier(session)] = nil }
    sessions[ObjectIdentifier(session)] = session
    try channel.pipeline.syncOperations.addHandler(ControlSessionHandler(session: session))
  }

  private func complain(_ text: String) {
    failureLog.warning(text)
  }
}

extension SocketFile.Failure {
  /// Why nobody is answered at a path.
  func sentence(of path: String) -> String {
    switch self {
    case .answered(let processID):
      let other = processID.map { "process \($0)" } ?? "another process"
      return "can't listen on \(path): \(other) does"
    case .failed(let problem): return problem.description
    }
  }
}
