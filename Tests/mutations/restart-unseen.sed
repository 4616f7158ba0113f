# Another process is the same master.
# file: Sources/FailoverCore/Death/DeathMachine.swift
# caught by: D21-returns-at-once.txt
s/guard before != identity\.process, before/guard before == nil, before/
