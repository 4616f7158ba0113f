# A Sentinel that refused is told again before the others.
# file: Sources/FailoverCore/Death/DeathRules.swift
s/inquest\.refusedBy\.contains\(id\) \? 2 : 0/0/
