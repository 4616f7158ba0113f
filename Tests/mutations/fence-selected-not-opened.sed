# The target of a failover asks for the replicas that it does not have.
# file: Sources/FailoverCore/FailoverMachine+Fencing.swift
s/if case \.prepared = state \{ return goalOfSelected \}/if case .prepared = state, now.nanoseconds < 0 { return goalOfSelected }/;s/if case \.provisional = tenure\.basis \{ return goalOfSelected \}/if case .provisional = tenure.basis, now.nanoseconds < 0 { return goalOfSelected }/
