# A daemon that finds a closed fence arms it although a failover may come.
# file: Sources/FailoverCore/Fence/FenceRules.swift
s/if isClosed, mayFailoverCome \{ return \.unchanged \}//
