# A Sentinel that refused is told again before the others.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D47-emptied-and-refused-by-sentinel.txt
s/inquest\.refusedBy\.contains\(id\) \? 2 : 0/0/
