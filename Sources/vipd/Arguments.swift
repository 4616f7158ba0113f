import Configuration

/// What the command line asks for.
struct Arguments: Equatable {
  /// What to do.
  enum Action: Equatable {
    case serve
    case check
    case sweep
    case once([String])
    case version
    case help
  }

  /// Why a command line can't be understood.
  struct Problem: Error, Equatable {
    let text: String
  }

  static let help = """
    Usage: vipd [--config FILE] [--check | --sweep | --once ARGS...] [--version] [--help]

    Keeps virtual addresses on the host of the Redis master that Sentinel elected.

      --config FILE  the configuration; default $VIPD_CONFIG or \(Configuration.defaultPath)
      --check        read the configuration, say all that is wrong with it, and exit; then warn
                     of what would keep the addresses from serving on this host (interface,
                     carrier, subnet, another program's copy, IPv6, ARP) and of files that the
                     user vipd can't read: these are no errors of the file
      --sweep        remove configured addresses that were left here for ever, and exit
      --once ARGS    decide once from what the Sentinels say now, move, announce, and exit;
                     ARGS are those of Sentinel's client-reconfig-script
      --version      print the version
      --help         print this

    SIGHUP reads the configuration again, and vipctl status says if nothing came of that; SIGTERM
    stops, by its on-stop line. SIGUSR2 stops too, and leaves the addresses to their kernel lifetimes
    of some seconds, for a daemon that is started at once.
    Exit status: 0 done; 1 failed; 2 a mistake in the command line or the configuration; 5 another
    vipd is at work with the state directory or a socket of the configuration: nothing was touched.
    """

  var action = Action.serve
  var configurationPath: String

  init(_ words: some Sequence<String>, environment: [String: String]) throws(Problem) {
    configurationPath = environment["VIPD_CONFIG"] ?? Configuration.defaultPath
    var rest = words.makeIterator()
    while let word = rest.next() {
      switch word {
      case "--config", "-c":
        guard let path = rest.next(), !path.isEmpty else {
          throw Problem(text: "\(word) needs a file")
        }
        configurationPath = path
      case "--check": action = .check
      case "--sweep": action = .sweep
      case "--once":
        var arguments: [String] = []
        while let argument = rest.next() { arguments.append(argument) }
        guard let name = arguments.first, !name.isEmpty else {
          throw Problem(text: "--once needs the arguments of the script, the master name first")
        }
        action = .once(arguments)
      case "--version", "-V": action = .version
      case "--help", "-h": action = .help
      default:
        guard word.hasPrefix("--config=") else {
          throw Problem(text: "'\(word)' is not understood")
        }
        configurationPath = String(word.dropFirst("--config=".count))
      }
    }
  }
}
