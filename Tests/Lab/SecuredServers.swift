/// A cluster in which nothing is said in the clear, and nobody is let in without a password.
///
/// The servers have no port without TLS, replicate and confer over TLS, and want a certificate of
/// whoever connects. The lab itself watches over sockets in the file system.
extension Laboratory {
  /// The directory of the CA and of what it signed.
  private var certificates: String { "\(directory)/tls" }

  /// The file of the CA.
  public var authorityFile: String { "\(certificates)/ca.crt" }

  /// The certificate of a host's servers, and its key.
  func serverFiles(_ host: LabHost) -> (certificate: String, key: String) {
    ("\(certificates)/\(host.name).crt", "\(certificates)/\(host.name).key")
  }

  /// The certificate of a host's `vipd`, and its key.
  public func agentFiles(on host: LabHost) -> (certificate: String, key: String) {
    ("\(certificates)/vipd-\(host.name).crt", "\(certificates)/vipd-\(host.name).key")
  }

  /// Makes a CA, and a certificate for the servers of each host and for its `vipd`.
  func writeCertificates() throws(LabError) {
    guard plan.isSecured else { return }
    try makeDirectory(certificates)
    try request(
      certificates + "/ca", subject: "lab ca", days: 3650,
      more: ["-addext", "keyUsage=keyCertSign"])
    for host in hosts {
      try sign(
        "\(certificates)/\(host.name)", subject: host.name,
        names: "IP:\(host.version4Address),IP:\(host.version6Address)")
      try sign("\(certificates)/vipd-\(host.name)", subject: "vipd on \(host.name)", names: nil)
    }
  }

  /// Signs a certificate with the lab's CA; its names are written as in subjectAltName.
  public func sign(
    _ path: String, subject: String, names: String?, days: Int = 365
  ) throws(LabError) {
    var more = [
      "-CA", authorityFile, "-CAkey", "\(certificates)/ca.key",
      "-addext", "basicConstraints=critical,CA:FALSE",
    ]
    if let names { more += ["-addext", "subjectAltName=\(names)"] }
    try request(path, subject: subject, days: days, more: more)
  }

  private func request(
    _ path: String, subject: String, days: Int, more: [String]
  ) throws(LabError) {
    let words = [
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
      "-keyout", "\(path).key", "-out", "\(path).crt", "-days", "\(days)", "-subj",
      "/CN=\(subject)",
    ]
    try Subprocess(words + more).run()
  }

  /// The lines of redis.conf or sentinel.conf that say where it listens.
  func portLines(_ port: UInt16, on host: LabHost) -> [String] {
    guard plan.isSecured else { return ["port \(port)"] }
    let files = serverFiles(host)
    return [
      "port 0", "tls-port \(port)", "tls-cert-file \(files.certificate)",
      "tls-key-file \(files.key)", "tls-ca-cert-file \(authorityFile)", "tls-replication yes",
      "tls-auth-clients yes",
    ]
  }

  /// The users of a Redis: `vipd`, and `peer` for replicas and Sentinels.
  func userLines(_ group: GroupPlan) -> [String] {
    guard plan.isSecured else { return [] }
    return [
      "user vipd on >lab resetkeys resetchannels &__vipd__:\(group.name) -@all "
        + plan.agentRights,
      "user peer on >peers ~* &* +@all", "masteruser peer", "masterauth peers",
    ]
  }

  /// The users of a Sentinel, and as whom it asks.
  func sentinelUserLines(_ group: GroupPlan) -> [String] {
    guard plan.isSecured else { return [] }
    return [
      "sentinel auth-user \(group.name) peer", "sentinel auth-pass \(group.name) peers",
      "user vipd on >lab -@all +ping +subscribe &* +sentinel|get-master-addr-by-name "
        + "+sentinel|master +sentinel|replicas +sentinel|sentinels +sentinel|myid +info "
        + "+sentinel|failover +sentinel|ckquorum",
      "user peer on >peers ~* &* +@all", "sentinel sentinel-user peer",
      "sentinel sentinel-pass peers",
    ]
  }

  /// The lines of vipd.conf by which it is let in.
  func agentAccessLines(_ group: GroupPlan, on host: LabHost) throws(LabError) -> [String] {
    guard plan.isSecured else { return [] }
    let path = "\(host.directory)/password"
    try writeFile(path, "lab\n")
    let files = agentFiles(on: host)
    let options = "ca \(authorityFile) cert \(files.certificate) key \(files.key)"
    var lines = [
      "auth-user redis \(group.name) vipd", "auth-pass-file redis \(group.name) \(path)",
      "tls redis \(group.name) \(options)",
    ]
    if group == plan.groups[0] {
      lines += [
        "auth-user sentinel vipd", "auth-pass-file sentinel \(path)", "tls sentinel \(options)",
      ]
    }
    return lines
  }
}
