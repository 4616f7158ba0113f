# Once a replica, always a replica.
# file: Sources/FailoverCore/Address/NamingDispute.swift
s/if let until = carriesUntil \{ return now < until \}/if carriesUntil != nil { return true }/
