# A provisional holder outlives the failover of its leader.
# file: Sources/FailoverCore/FailoverMachine+Holding.swift
s/evidence.isAborted\(preparation\)$/evidence.isAborted(preparation), now.nanoseconds < 0/
