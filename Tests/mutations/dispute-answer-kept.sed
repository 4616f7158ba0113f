# Once a replica, always a replica.
# file: Sources/FailoverCore/Address/NamingDispute.swift
# caught by: 100-first-configuration-falls-silent.txt
s/if let until = carriesUntil \{ return now < until \}/if carriesUntil != nil { return true }/
