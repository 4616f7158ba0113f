# Another process is the same master.
# file: Sources/FailoverCore/Death/DeathMachine.swift
s/guard before != identity\.process, before/guard before == nil, before/
