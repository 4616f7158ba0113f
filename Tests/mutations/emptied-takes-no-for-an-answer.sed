# A master that came back with less is not asked about anew.
# file: Sources/FailoverCore/Death/DeathMachine.swift
# caught by: D39-emptied-and-refused-for-a-while.txt
s/refusal\.isPassing \|\| rules\.inquest\.restarted != nil/refusal.isPassing/
