# A daemon that finds a closed fence arms it although a failover may come.
# file: Sources/FailoverCore/FailoverMachine+Fencing.swift
s/if fence.expected\?.isClosed == true, mayFailoverCome\(at: now\) \{ return .unchanged \}//
