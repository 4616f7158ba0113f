public import Lab

/// Back to the state in which ``install()`` left everything.
extension HostSet {
  /// Undoes what tests do to hosts, and waits until all is well; returns the host with the VIPs.
  ///
  /// Which host that is stays as it is.
  ///
  /// - Throws: ``LabError`` if it does not become well.
  public func mend() throws(LabError) -> DebianHost {
    for host in hosts where !host.isOn {
      try host.end()
      try host.powerOn()
      try host.awaitBoot()
    }
    let configuration = try HostSet.configuration()
    for host in hosts {
      try host.heal()
      if try host.read(HostSet.configurationPath) != configuration {
        try host.write(HostSet.configurationPath, configuration)
        try host.run("systemctl reload vipd || systemctl restart vipd")
      }
      try host.run("systemctl start redis-server redis-sentinel vipd")
    }
    return try awaitService()
  }
}
