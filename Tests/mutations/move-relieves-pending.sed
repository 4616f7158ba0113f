# The target arms a silent driver's fence while a failover is pending.
# file: Sources/FailoverCore/Moves/MoveTargetMachine.swift
s/!panel\.isFailoverPending\(at: now\)$/true/
