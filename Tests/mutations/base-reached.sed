# A file that ends where the replicas' stream ends lacks something.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D56-restarted-with-every-write.txt
s/guard said\.offset > base\.offset else/guard said.offset >= base.offset else/
