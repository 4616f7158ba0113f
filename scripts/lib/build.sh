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
