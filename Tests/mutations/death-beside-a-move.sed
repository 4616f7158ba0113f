# A move under way does not matter.
# file: Sources/FailoverCore/Death/DeathMachine.swift
# caught by: D37-during-a-closed-move.txt
s/if let move \{ return leave/if let move, move == 0 { return leave/
