# A move that has changed nothing yet goes on when its master is dead.
# file: Sources/FailoverCore/FailoverMachine.swift
s/move\.recordDeath\(\&turn\)/_ = peers/
