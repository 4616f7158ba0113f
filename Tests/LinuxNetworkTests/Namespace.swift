import Addresses
import Foundation
import LinuxNetwork
import Testing

/// A host of its own for a test: a network namespace with a cable, `left` to `right`.
///
/// Both ends of the cable are in the one namespace, so that what `left` sends comes in at `right`.
actor Namespace {
  private let executor = NamespaceExecutor()

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  /// Runs a test inside a new namespace in which the cable is up.
  static func withCable<Result: Sendable>(
    _ body: @Sendable (isolated Namespace) throws -> Result
  ) async throws -> Result {
    let namespace = Namespace()
    try await namespace.layCable()
    return try await body(namespace)
  }

  /// Makes the cable and waits until it carries.
  func layCable() throws {
    try ip("link set lo up")
    try ip("link add left type veth peer name right")
    try ip("link set left address 02:00:0a:4d:00:01 up")
    try ip("link set right address 02:00:0a:4d:00:02 up")
    try waitForCarrier()
  }

  /// Waits until the kernel has seen that both ends are up; what is sent before is thrown away.
  func waitForCarrier() throws {
    var monitor = try NetworkMonitor()
    while !(try link("left").isUsable && link("right").isUsable) {
      try #require(waitUntilReadable([monitor.fileDescriptor]))
      _ = try monitor.receive()
    }
  }

  /// Runs ip-address(8) or ip-link(8) in the namespace.
  func ip(_ arguments: String) throws {
    try run(["/usr/sbin/ip"] + arguments.split(separator: " ").map(String.init))
  }

  /// Gives addresses to an interface and waits until the kernel says that they can be used.
  ///
  /// For IPv6 that is a moment after the request is acknowledged.
  func assign(_ addresses: [IPAddress], to name: String) throws {
    let interface = try link(name).index
    var monitor = try NetworkMonitor()
    var table = try AddressTable()
    var missing = Set(addresses)
    _ = try table.apply(
      addresses.map { .replace($0, on: interface, lifetime: .seconds(600)) })
    while !missing.isEmpty {
      try #require(waitUntilReadable([monitor.fileDescriptor]))
      for case .addressUpdated(let assigned) in try monitor.receive() {
        missing.remove(assigned.address)
      }
    }
  }

  /// Runs nft(8) in the namespace.
  func nft(_ arguments: String) throws {
    try run(["/usr/sbin/nft"] + arguments.split(separator: " ").map(String.init))
  }

  /// What nft(8) prints.
  func nftOutput(_ arguments: String) throws -> String {
    try output("/usr/sbin/nft \(arguments)")
  }

  /// What ip-neighbour(8) or another query prints.
  func ipOutput(_ arguments: String) throws -> String {
    try output("/usr/sbin/ip \(arguments)")
  }

  private func output(_ command: String) throws -> String {
    let pipe = try unsafe #require(popen(command, "r"))
    defer { unsafe pclose(pipe) }
    var output: [UInt8] = []
    while case let octet = unsafe fgetc(pipe), octet != EOF { output.append(UInt8(octet)) }
    return String(decoding: output, as: UTF8.self)
  }

  /// Runs a program in the namespace: a child inherits the namespace of the thread that makes it.
  private func run(_ words: [String]) throws {
    var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
    defer { unsafe arguments.forEach { unsafe free($0) } }
    var process: pid_t = 0
    let path = try unsafe #require(arguments[0])
    try unsafe #require(posix_spawn(&process, path, nil, nil, &arguments, environ) == 0)
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0 && errno == EINTR {}
    try #require(status == 0, "\(words)")
  }

  /// An interface of the namespace.
  func link(_ name: String) throws -> Link {
    var table = try AddressTable()
    let links = try table.links()
    return try #require(links.first { $0.name == name })
  }
}

/// Whether the tests that need a kernel can run.
let isRoot = geteuid() == 0

/// Moves this thread to a network namespace of its own (unshare(2)).
///
/// Swift's view of the C library lacks the call.
func enterNamespace() {
  typealias Unshare = @convention(c) (Int32) -> Int32
  let newNetwork: Int32 = 0x4000_0000
  guard let symbol = unsafe dlsym(nil, "unshare") else { return }
  let unshare = unsafe unsafeBitCast(symbol, to: Unshare.self)
  precondition(unshare(newNetwork) == 0, "unshare needs root")
}

/// Waits until a descriptor can be read, ten seconds at most.
func waitUntilReadable(_ descriptors: [Int32], milliseconds: Int32 = 10_000) -> Bool {
  var polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
  return unsafe poll(&polled, nfds_t(polled.count), milliseconds) > 0
}

/// An address from text, for tests.
func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }
