import Foundation

/// Where programs lie, and running them inside of the lab.
extension Laboratory {
  /// The path of a program of the same build: it lies beside this one.
  public static func neighbour(_ name: String) -> String {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent(name).path
  }

  /// Whether a TCP connection from a port of the bridge to an address comes about within 0.5 s.
  ///
  /// - Parameters:
  ///   - port: `h1`, or `c1` for the client.
  ///   - address: the address to connect to.
  ///   - service: the TCP port.
  /// - Returns: false also if the connection is refused.
  public func canReach(from port: String, address: String, service: UInt16) -> Bool {
    let connect = "exec 3<>/dev/tcp/\(address)/\(service)"
    let words = words(in: "vl-\(plan.id)-\(port)", ["timeout", "0.5", "bash", "-c", connect])
    return (try? Subprocess(words).run()) != nil
  }
}
