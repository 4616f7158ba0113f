# The target of a failover asks for the replicas that it does not have.
# file: Sources/FailoverCore/Fence/FenceRules.swift
# caught by: F08-target-opens-beforehand.txt
s/if case \.prepared = address\.state \{ return goalOfSelected \}/if case .prepared = address.state, now.nanoseconds < 0 { return goalOfSelected }/;s/return holding\.isProvisional \? goalOfSelected : \.unchanged/return .unchanged/
