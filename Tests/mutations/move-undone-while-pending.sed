# A move is undone although a failover is pending at a Sentinel.
# file: Sources/FailoverCore/FailoverMachine+MoveUndo.swift
s/evidence.failoverPending\(at: now\) == nil$/true/
