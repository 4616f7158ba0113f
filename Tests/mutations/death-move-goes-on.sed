# A move that has changed nothing yet goes on when its master is dead.
# file: Sources/FailoverCore/FailoverMachine.swift
# caught by: D20-during-a-move.txt
s/move\.recordDeath\(\&turn\)/_ = peers/
