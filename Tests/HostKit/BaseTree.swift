import Foundation
import Lab

/// A Debian system in a directory, made once by debootstrap(8).
///
/// The hosts of a suite share it, and write beside it.
struct BaseTree {
  /// The release of Debian, by its name.
  let suite: String

  /// What each host has beyond the smallest Debian.
  private static let packages = [
    "systemd", "systemd-sysv", "dbus", "libmnl0", "redis-server", "redis-sentinel", "iproute2",
    "iputils-arping", "iputils-ping", "procps", "nftables",
  ]

  /// What else a release has.
  private var others: [String] { suite == "bookworm" ? [] : ["valkey-server", "valkey-sentinel"] }

  private var packages: [String] { BaseTree.packages + others }

  private var directory: String { "\(Checkout.root).build/hosts/\(suite)" }

  /// The root of the system.
  var path: String { "\(directory)/tree" }

  /// What the tree was made of: where that changes, it is made anew.
  private var recipe: String {
    ([suite] + packages + [BaseTree.preparation]).joined(separator: "\n")
  }

  /// Makes the tree, if it isn't there or was made of something else.
  ///
  /// It is made beside its place, under a lock that ends with whoever makes it, and moved there as
  /// a whole: what lies in its place is complete, and two sets that begin together make it once.
  ///
  /// - Throws: ``LabError`` with the last lines of debootstrap(8).
  func make() throws(LabError) {
    if isComplete { return }
    try makeDirectory("\(Checkout.root).build/hosts")
    let words = [
      "flock", "--timeout", "1200", "\(directory).lock", "sh", "-c", BaseTree.script, suite,
      directory, packages.joined(separator: ","), recipe,
    ]
    do throws(LabError) {
      try Subprocess(words).run()
    } catch .commandFailed(_, let status, let output) {
      let end = output.split(separator: "\n").suffix(20).joined(separator: "\n")
      throw .commandFailed(command: "debootstrap \(suite)", status: status, output: end)
    }
  }

  private var isComplete: Bool {
    (try? readFile("\(directory)/recipe")) == recipe
  }

  /// `$0` is the suite, `$1` the directory, `$2` the packages, `$3` the recipe.
  ///
  /// An unfinished tree of a killed run may still have file systems mounted below it, so these are
  /// unmounted first, and nothing is removed beyond its own file system.
  private static let script = """
    set -e
    PATH=$PATH:/usr/sbin:/sbin
    [ ! -e "$1/recipe" ] || [ "$(cat "$1/recipe")" != "$3" ] || exit 0
    grep -F " $1.new/" /proc/self/mounts | cut -d ' ' -f 2 | sort -r | xargs -r -n 1 umount
    rm -rf --one-file-system "$1.new" "$1"
    mkdir -p "$1.new"
    debootstrap --variant=minbase --include="$2" "$0" "$1.new/tree" 2>&1
    cd "$1.new/tree"
    \(preparation)
    printf '%s' "$3" >"$1.new/recipe"
    mv "$1.new" "$1"
    """

  /// What is done to a fresh tree, in its root.
  ///
  /// No identity that all hosts would share, no work of a schedule in the midst of a test, systemd's
  /// own network service in place of ifupdown, which a minimal Debian lacks, and of two servers that
  /// want one port only Redis.
  private static let preparation = """
    : >etc/machine-id
    rm -f var/lib/dbus/machine-id etc/resolv.conf
    echo '127.0.0.1 localhost' >etc/hosts
    for timer in apt-daily apt-daily-upgrade e2scrub_all dpkg-db-backup fstrim logrotate; do
      ln -sf /dev/null etc/systemd/system/$timer.timer
    done
    chroot . systemctl enable systemd-networkd
    [ ! -e etc/valkey ] || chroot . systemctl disable valkey-server valkey-sentinel
    rm -rf var/cache/apt/archives/*.deb var/lib/apt/lists/*
    """
}
