import Glibc
import NIOCore

/// Who is at the other end of a unix socket, as the kernel noted it when it connected (unix(7)).
///
/// Nothing is looked up for that, in no file and in no directory: a disk or a name server that hangs
/// keeps no operator out. The process that bears the number today is not asked either; it may be
/// another by now.
struct PeerCredentials: Equatable {
  var user: UInt32
  var group: UInt32
  /// The supplementary groups (credentials(7)).
  var groups: [UInt32]
  /// The process that connected, or listens; nil where it is in another namespace.
  var processID: Int32?

  /// Whether a group is the first or a supplementary one.
  func isMember(of number: UInt32) -> Bool {
    group == number || groups.contains(number)
  }
}

extension PeerCredentials {
  /// Asks for the other end of a channel, on its loop; nil if it is no socket.
  init?(of channel: any Channel) {
    let credentials = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
      of: NIOBSDSocket.Handle.self
    ) { Self(ofSocket: $0) }
    guard let credentials = credentials.flatMap(\.self) else { return nil }
    self = credentials
  }

  /// Asks for the other end of a socket.
  init?(ofSocket descriptor: Int32) {
    var peer = Credentials()
    var length = socklen_t(MemoryLayout<Credentials>.size)
    guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 else {
      return nil
    }
    self.init(
      user: peer.user, group: peer.group, groups: Self.groups(ofSocket: descriptor),
      processID: peer.process > 0 ? peer.process : nil)
  }

  /// `struct ucred` (unix(7)).
  private struct Credentials {
    var process: Int32 = 0
    var user: UInt32 = 0
    var group: UInt32 = 0
  }

  /// `SO_PEERGROUPS` (Linux 4.13): as many as fit, or ERANGE and how long they are
  /// (`net/core/sock.c sk_getsockopt`).
  private static func groups(ofSocket descriptor: Int32) -> [UInt32] {
    var room = 64
    for _ in 0..<2 {
      var groups = [UInt32](repeating: 0, count: room)
      var length = socklen_t(room * MemoryLayout<UInt32>.size)
      let status = unsafe getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, &groups, &length)
      room = Int(length) / MemoryLayout<UInt32>.size
      if status == 0 { return Array(groups.prefix(room)) }
      guard errno == ERANGE else { return [] }
    }
    return []
  }
}
