# A move is undone although a failover is pending at a Sentinel.
# file: Sources/FailoverCore/Moves/MoveRules.swift
s/!panel\.isFailoverPending\(at: now\)$/true/
