# A master that came back with less is not asked about anew.
# file: Sources/FailoverCore/Death/DeathMachine.swift
s/refusal\.isPassing \|\| rules\.inquest\.restarted != nil/refusal.isPassing/
