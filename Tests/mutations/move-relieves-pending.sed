# The target arms a silent driver's fence while a failover is pending.
# file: Sources/FailoverCore/Moves/MoveTargetMachine.swift
# caught by: M56-driver-silent-failover-pending.txt
s/!panel\.isFailoverPending\(at: now\)$/true/
