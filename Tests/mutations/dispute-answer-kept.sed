# Once a replica, always a replica.
# file: Sources/FailoverCore/FailoverMachine+Dispute.swift
s/if let until = dispute\.carriesUntil \{ return now < until \}/if dispute.carriesUntil != nil { return true }/
