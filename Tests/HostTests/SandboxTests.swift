import HostKit
import Testing

@testable import Lab

extension RealHosts {
  @Suite("What vipd and its operators may do")
  struct Sandbox {
    /// Runs a program of the host as the daemon's user in the daemon's mount namespace.
    ///
    /// Its copy lies under /usr/lib, the only place beside vipd from which anything can be executed
    /// there.
    private func inside(_ host: DebianHost, _ words: String) -> (status: Int32, output: String) {
      let program = words.prefix { $0 != " " }
      return host.outcome(
        of: """
          install -m 755 /usr/bin/\(program) /usr/lib/sandbox-\(program)
          trap 'rm /usr/lib/sandbox-\(program)' EXIT
          nsenter --target "$(systemctl show -P MainPID vipd)" --mount \\
            --setuid "$(id -u vipd)" --setgid "$(id -g vipd)" /usr/lib/sandbox-\(words)
          """)
    }

    @Test func `vipd has two capabilities, a filter of system calls, and a user of its own`() throws
    {
      let host = try begin().holder
      let status = try host.run("cat /proc/$(systemctl show -P MainPID vipd)/status")
      let fields = status.split(separator: "\n").map { $0.split(separator: "\t") }
      func field(_ name: String) -> [Substring] {
        fields.first { $0.first == "\(name):" }.map { Array($0.dropFirst()) } ?? []
      }
      // CAP_NET_ADMIN is 12, CAP_NET_RAW 13: capabilities(7).
      for set in ["CapPrm", "CapEff", "CapBnd", "CapAmb"] {
        #expect(field(set) == ["0000000000003000"])
      }
      #expect(field("NoNewPrivs") == ["1"])
      #expect(field("Seccomp") == ["2"])
      let user = try host.run("id -u vipd").dropLast()
      #expect(field("Uid") == [user, user, user, user])
    }

    @Test func `vipd sees no other process, no home and no way to write or to run a program`()
      throws
    {
      let host = try begin().holder
      let listing = inside(host, "ls /proc")
      #expect(listing.status == 0)
      #expect(listing.output.contains("meminfo\n"))
      #expect(!listing.output.split(separator: "\n").contains("1"))
      #expect(inside(host, "ls /home").status != 0)
      let writing = inside(host, "touch /etc/vipd/vipd.conf")
      #expect(writing.status != 0)
      #expect(inside(host, "touch /var/lib/vipd/sandbox").status == 0)
      try host.run("rm /var/lib/vipd/sandbox")
      let running = host.outcome(
        of: "nsenter --target $(systemctl show -P MainPID vipd) --mount /usr/bin/true")
      #expect(running.status == 126)
      #expect(running.output.contains("Permission denied"))
    }

    @Test func `vipctl is for root and the members of the group vipd`() throws {
      let host = try begin().holder
      try host.run("id member || useradd --groups vipd member; id stranger || useradd stranger")
      #expect(host.outcome(of: "vipctl status").status == 0)
      #expect(host.outcome(of: "runuser -u member -- vipctl status").status == 0)
      let refusal = host.outcome(of: "runuser -u stranger -- vipctl status")
      #expect(refusal.status == 1)
      #expect(refusal.output.contains("Only root and the group vipd may use it"))
    }
  }
}
