# A move is undone although a failover is pending at a Sentinel.
# file: Sources/FailoverCore/Moves/MoveRules.swift
# caught by: M01-one-replica.txt
s/!panel\.isFailoverPending\(at: now\)$/true/
