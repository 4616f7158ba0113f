import Lab

// The part of the lab that must run inside of a network namespace: `lab` starts it there through
// `ip netns exec`, with its standard output going to a file.
let arguments = Array(CommandLine.arguments.dropFirst())
do {
  switch (arguments.first, arguments.count) {
  case ("probe", 3):
    guard let port = UInt16(arguments[2]) else {
      throw LabError.refused("‘\(arguments[2])’ is no port")
    }
    ProbeClient(address: arguments[1], port: port).run()
  case ("write", 8):
    guard let port = UInt16(arguments[2]), let manner = WritingManner(words: arguments[4...])
    else { throw LabError.refused("a port, connections, milliseconds and microseconds") }
    TightWriter(address: arguments[1], port: port, key: arguments[3], manner: manner).run()
  case ("idle", 5):
    guard let port = UInt16(arguments[2]), let count = Int(arguments[4]),
      let wait = IdleClients.Wait(rawValue: arguments[3])
    else { throw LabError.refused("usage: lab-client idle ADDRESS PORT WAIT COUNT") }
    var clients = IdleClients(address: arguments[1], port: port, wait: wait, count: count)
    try clients.run()
  case ("follow-role", 3):
    var follower = try RoleFollower(path: arguments[1], address: arguments[2])
    try follower.run()
  case ("watch-addresses", 1): try AddressWatch().run()
  case ("watch-announcements", 1): try AnnouncementWatch().run()
  default:
    throw LabError.refused(
      """
      usage: lab-client probe ADDRESS PORT | write ADDRESS PORT KEY CONNECTIONS TIMEOUT PACE LIFE \
      | idle ADDRESS PORT WAIT COUNT | follow-role SOCKET ADDRESS | watch-addresses | watch-announcements
      """)
  }
} catch {
  ProbeClient.complain("lab-client: \(error)")
}
