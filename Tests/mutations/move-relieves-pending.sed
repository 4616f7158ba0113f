# The target arms a silent driver's fence while a failover is pending.
# file: Sources/FailoverCore/FailoverMachine+MoveTarget.swift
s/evidence.failoverPending\(at: now\) == nil$/true/
