/// The network: namespaces, the bridge, its ports, and what is dropped between them.
extension Laboratory {
  /// The namespace of the bridge.
  var bridgeNamespace: String { "vl-\(plan.id)-sw" }
  /// The namespace of the client.
  public var clientNamespace: String { "vl-\(plan.id)-c1" }

  func buildNetwork() throws(LabError) {
    try Subprocess(["ip", "netns", "add", bridgeNamespace]).run()
    try configure(
      bridgeNamespace, ["link add name br0 type bridge mcast_snooping 0", "link set br0 up"])
    for host in state.hosts {
      try attach(
        port: host.name, namespace: host.namespace,
        addresses: ["\(host.version4Address)/24", "\(host.version6Address)/64"])
    }
    try attach(
      port: "c1", namespace: clientNamespace, addresses: ["10.77.0.201/24", "fd77::201/64"])
    if plan.hasClientNetwork { try buildClientNetwork() }
  }

  /// Adds a second bridge, to which `eth1` of each host and of the client lead.
  ///
  /// Its ports are called as those of the first, with a `c` behind: `h1c`.
  private func buildClientNetwork() throws(LabError) {
    try configure(
      bridgeNamespace, ["link add name br1 type bridge mcast_snooping 0", "link set br1 up"])
    let ends = state.hosts.map { ($0.name, $0.namespace, "\($0.number)") }
    for (port, namespace, number) in ends + [("c1", clientNamespace, "201")] {
      try configure(
        bridgeNamespace,
        [
          "link add name \(port)c type veth peer name eth1 netns \(namespace)",
          "link set \(port)c master br1 up",
        ])
      try configure(namespace, ["addr add 10.77.1.\(number)/24 dev eth1", "link set eth1 up"])
    }
  }

  /// The port of a host, or of the client, at the second bridge.
  func clientPort(_ name: String) -> String { "\(name)c" }

  /// Makes a namespace whose `eth0` is a port of the bridge.
  func attach(port: String, namespace: String, addresses: [String]) throws(LabError) {
    try Subprocess(["ip", "netns", "add", namespace]).run()
    try configure(
      bridgeNamespace,
      [
        "link add name \(port) type veth peer name eth0 netns \(namespace)",
        "link set \(port) master br0 up",
      ])
    try setUpInterface(namespace, addresses: addresses)
  }

  /// Gives a host its own addresses and brings its interfaces up.
  ///
  /// Duplicate address detection is off for these: the lab gives each out once, and it would cost
  /// each start a second and a half.
  func setUpInterface(_ namespace: String, addresses: [String]) throws(LabError) {
    let lines = addresses.map { address in
      "addr replace \(address) dev eth0\(address.contains(":") ? " nodad" : "")"
    }
    try configure(namespace, ["link set lo up", "link set eth0 up"] + lines)
  }

  /// Runs lines of ip(8) in a namespace.
  func configure(_ namespace: String, _ lines: [String]) throws(LabError) {
    try Subprocess(["ip", "-n", namespace, "-batch", "-"]).run(
      input: lines.joined(separator: "\n") + "\n")
  }

  /// The port at the bridge of a host or the client, by its name.
  func setPort(_ port: String, up: Bool) throws(LabError) {
    try configure(bridgeNamespace, ["link set \(port) \(up ? "up" : "down")"])
  }

  /// Makes the bridge drop exactly what the state lists, and slow down what it lists as slow.
  ///
  /// The whole table is replaced in one transaction, so that a partition begins and ends at one
  /// moment for all pairs; nft(8), family bridge.
  func applyDrops() throws(LabError) {
    var rules = state.drops.map { "    iifname \"\($0.from)\" oifname \"\($0.to)\" drop\n" }
    rules += (state.slowStreams ?? []).map { slow in
      "    iifname \"\(slow.from)\" oifname \"\(slow.to)\" tcp sport \(slow.port) "
        + "limit rate over \(slow.kilobytes) kbytes/second burst 100 kbytes drop\n"
    }
    if state.isNameServerSilent == true { rules.append("    udp dport 53 drop\n") }
    let table = """
      table bridge lab
      delete table bridge lab
      table bridge lab {
        chain forward {
          type filter hook forward priority 0; policy accept;
      \(rules.joined())
        }
      }

      """
    try Subprocess(["ip", "netns", "exec", bridgeNamespace, "nft", "-f", "-"]).run(input: table)
  }

  /// The words that start a program in a namespace.
  ///
  /// ip(8) replaces itself by the program, so the process number is the program's.
  func words(in namespace: String, _ words: [String]) -> [String] {
    ["ip", "netns", "exec", namespace] + words
  }

  /// The same on a host, under a host name of its own, as `vipd` tells nodes apart by it.
  func words(on host: LabHost, _ words: [String]) -> [String] {
    var script = "hostname \"$0\" && "
    if plan.usesHostNames {
      for name in LabHost.nameFiles {
        script += "mount --bind \(host.nameFile(name)) /etc/\(name) && "
      }
    }
    return self.words(
      in: host.namespace,
      ["unshare", "--uts"] + (plan.usesHostNames ? ["--mount"] : []) + [
        "sh", "-c", script + "exec \"$@\"", host.name,
      ]
        + words)
  }
}
