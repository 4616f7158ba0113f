# Where a file ends is compared with whatever stream a replica has.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D57-file-of-another-stream.txt
s/if let base = own\.base, said\.stream == base\.stream \{/if let base = own.base {/
