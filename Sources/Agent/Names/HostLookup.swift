import Addresses
import Glibc

/// Why a host name could not be resolved.
struct LookupFailure: Error, Equatable, Sendable {
  /// What the system says, for people.
  let text: String
}

/// Asks the system for the addresses of a host.
enum HostLookup {
  /// Addresses of one name that are kept at most.
  static let limit = 8

  /// Asks by getaddrinfo(3), in whose order the addresses are given; blocks, maybe for minutes.
  static func addresses(of host: String) -> Result<[IPAddress], LookupFailure> {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let status = unsafe getaddrinfo(host, nil, &hints, &list)
    let code = errno
    guard status == 0 else {
      return .failure(LookupFailure(text: text(of: status, code)))
    }
    defer { unsafe freeaddrinfo(list) }
    var addresses: [IPAddress] = []
    var next = unsafe list
    while let entry = unsafe next, addresses.count < limit {
      if let address = unsafe address(entry.pointee), !addresses.contains(address) {
        addresses.append(address)
      }
      unsafe next = entry.pointee.ai_next
    }
    guard !addresses.isEmpty else {
      return .failure(LookupFailure(text: "it has no address that can be used"))
    }
    return .success(addresses)
  }

  /// What the system says to a status, or to an errno where that is the status.
  private static func text(of status: Int32, _ code: Int32) -> String {
    if status == EAI_SYSTEM { return unsafe String(cString: strerror(code)) }
    guard let text = unsafe gai_strerror(status) else { return "error \(status)" }
    return unsafe String(cString: text)
  }

  /// One address of the list; nothing for one with a scope, which is no address of a host.
  private static func address(_ entry: addrinfo) -> IPAddress? {
    var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let status = unsafe getnameinfo(
      entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
    guard status == 0 else { return nil }
    let octets = text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
    return IPAddress(String(decoding: octets, as: UTF8.self))
  }
}
