# Building what the lab needs. Sourced, not run.

# Builds programs, silently unless that fails; the last line of standard output is their directory.
build_programs() {
  local product log
  log=$(mktemp)
  for product in "$@"; do
    swift build --product "$product" >"$log" 2>&1 || {
      cat "$log" >&2
      rm -f "$log"
      return 1
    }
  done
  rm -f "$log"
  swift build --show-bin-path
}

# How every release is compiled: each function in a section of its own, so that the linker can put
# together those that run (docs/adr/0024-functions-in-order.md). Only gold takes the names of
# sections: functions that are private to an object have no other name. The flags are the same
# everywhere, or one build would throw away what another has made.
release_flags=(-Xswiftc -Xfrontend -Xswiftc -function-sections -Xswiftc -use-ld=gold)

# The same program comes out in whatever directory it is built.
release_flags+=(-Xswiftc -file-prefix-map -Xswiftc "$PWD=." -Xcc "-ffile-prefix-map=$PWD=.")

# The commit of this tree, with ‘+changes’ where files differ from it; VIPD_COMMIT says it where there
# is no git. Nothing if nobody knows.
commit_name() {
  local commit
  if [ -n "${VIPD_COMMIT:-}" ]; then
    echo "$VIPD_COMMIT"
    return
  fi
  commit=$(git rev-parse --short=12 HEAD 2>/dev/null) || return 0
  [ -z "$(git status --porcelain --untracked-files=no)" ] || commit+=+changes
  echo "$commit"
}

# What the linker takes for a program that names its commit (Sources/CBuild). No source changes by
# it, so nothing is compiled anew; the name of the file does, or nothing would be linked anew.
prepare_commit_flags() {
  local commit object
  commit_flags=()
  commit=$(commit_name)
  [ -n "$commit" ] || return 0
  case $commit in
  *[!A-Za-z0-9.+~-]*)
    echo "‘$commit’ names no commit" >&2
    return 1
    ;;
  esac
  object=$PWD/.build/archives/commit-$commit.o
  mkdir -p "$(dirname "$object")"
  printf 'const char vipd_commit[] = "%s";\n' "$commit" | clang -x c -O2 -fPIC -c -o "$object" -
  commit_flags=(-Xlinker "$object")
}

# Builds a program as it is released, silently unless that fails; more words go to the linker's
# command line. The last line of standard output is its directory.
build_release_program() {
  local product=$1 log
  shift
  log=$(mktemp)
  swift build --configuration release --product "$product" "${release_flags[@]}" "$@" \
    >"$log" 2>&1 || {
    cat "$log" >&2
    rm -f "$log"
    return 1
  }
  rm -f "$log"
  swift build --configuration release --show-bin-path
}

# Packs the release programs twice, the second time with a greater version, for hosts that are tests: only
# if what is packed has changed.
build_test_packages() {
  local directory=.build/packages/test number
  [ -x .build/release/vipd-reconfig ] || scripts/build >&2 || return 1
  [ ! -e "$directory/made" ] || [ -n "$(find .build/release/vipd .build/release/vipctl \
    .build/release/vipd-reconfig debian docs systemd README.md scripts/package -newer "$directory/made")" ] ||
    return 0
  rm -rf "$directory"
  for number in 1 2; do
    scripts/package --no-build --fast --version "0.1.0~test$number" --output "$directory" || return 1
  done
  touch "$directory/made"
}

# What links vipd and vipctl: the Swift runtime inside, and nothing exported.
#
# The Swift runtime asks for -lstdc++ by name, which -static-libstdc++ doesn't touch. A directory
# that has only the archive, searched first, decides it. The runtime's own link options export
# every symbol; nothing loads these programs, and without the tables of names they are a tenth
# smaller.
prepare_runtime_flags() {
  local archives=$PWD/.build/archives
  mkdir -p "$archives"
  ln -sf "$(clang -print-file-name=libstdc++.a)" "$archives/libstdc++.a"
  printf '{ local: *; };\n' >"$archives/hidden.map"
  runtime_flags=(--static-swift-stdlib -Xlinker "-L$archives"
    -Xlinker "--version-script=$archives/hidden.map"
    -Xswiftc -Xclang-linker -Xswiftc -static-libgcc)
  # The functions of vipd that run, side by side; names that are gone do no harm.
  order_flags=(-Xlinker "--section-ordering-file=$PWD/scripts/lib/vipd.order")
}
