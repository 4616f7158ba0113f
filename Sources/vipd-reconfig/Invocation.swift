import CHook

/// What the command line asks for.
enum Invocation: Equatable {
  /// What Sentinel ran.
  enum Kind: Equatable {
    /// `client-reconfig-script`: seven arguments.
    case reconfig
    /// `notification-script`: an event and its message.
    case notify
  }

  case help
  case version
  case handOver(Kind)
  case wrong(StaticString)

  /// Reads the words, the program's name included.
  ///
  /// Only their number and length are looked at: they are a hint to the daemon and prove nothing.
  init(count: Int, words: Words) {
    switch count {
    case 8: self = .handOver(.reconfig)
    case 3: self = .handOver(.notify)
    case 2 where unsafe Self.equals(words[1], "--help"):
      self = .help
      return
    case 2 where unsafe Self.equals(words[1], "--version"):
      self = .version
      return
    default:
      self = .wrong("expected the 7 arguments of a client-reconfig-script or 2 of a notification")
      return
    }
    var total = 0
    for index in 1..<count {
      if let word = unsafe words[index] { unsafe total += strlen(word) }
    }
    if total > Limits.argumentBytes { self = .wrong("the arguments exceed 64 KiB") }
  }

  private static func equals(_ word: UnsafeMutablePointer<CChar>?, _ text: StaticString) -> Bool {
    guard let word = unsafe word, unsafe strlen(word) == text.utf8CodeUnitCount else {
      return false
    }
    return unsafe memcmp(word, text.utf8Start, text.utf8CodeUnitCount) == 0
  }

  /// StaticString isn't Equatable; any two reasons count as equal.
  static func == (left: Invocation, right: Invocation) -> Bool {
    switch (left, right) {
    case (.help, .help), (.version, .version), (.wrong, .wrong): true
    case (.handOver(let left), .handOver(let right)): left == right
    case (.help, _), (.version, _), (.wrong, _), (.handOver, _): false
    }
  }
}

/// What `--help` says.
let helpText: StaticString = """
  vipd-reconfig - tells vipd on this host that Sentinel has news

  Sentinel runs it; you never need to. In sentinel.conf:

    sentinel client-reconfig-script MASTER /usr/lib/vipd/vipd-reconfig
    sentinel notification-script    MASTER /usr/lib/vipd/vipd-reconfig

  Usage:
    vipd-reconfig <master-name> <role> <state> <from-ip> <from-port> <to-ip> <to-port>
    vipd-reconfig <event-type> <event-description>
    vipd-reconfig --help | --version

  What Sentinel says is a hint: vipd looks for itself before it moves anything. Without
  the hook vipd works as well; with it a move begins a moment earlier in rare cases.

  Exit status:
    0  handed over to the daemon
    2  wrong arguments, or no daemon; never 1, which Sentinel would repeat for hours

  It ends within 100 ms, whatever the daemon does.

  Environment (Sentinel passes its own on):
    VIPD_HOOK_SOCKET  the daemon's socket     (/run/vipd/hook.sock)
    VIPD_CONFIG       the configuration       (/etc/vipd/vipd.conf)
    VIPD_DAEMON       what to run without one (/usr/bin/vipd)

  Where the configuration says 'daemonless yes', no daemon runs, and this process has
  CAP_NET_ADMIN, it becomes 'vipd --once' with the same arguments. Sentinel as Debian
  packages it has no capabilities, so there a daemon is needed.

  Try it by hand:
    vipd-reconfig +test 'hello vipd'; echo $?

  """
