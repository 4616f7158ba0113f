# A smaller offset alone is a loss.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D23-emptied-but-wait.txt
s/guard said\.offset > own\.offset, keys > own\.keys else/guard said.offset > own.offset else/
