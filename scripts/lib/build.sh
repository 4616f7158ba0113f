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
