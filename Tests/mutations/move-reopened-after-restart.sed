# A daemon that finds a closed fence arms it although a failover may come.
# file: Sources/FailoverCore/Fence/FenceRules.swift
# caught by: M42-killed-and-the-commanded-sentinel-late.txt
s/if isClosed, mayFailoverCome \{ return \.unchanged \}//
