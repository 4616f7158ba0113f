# A holder whose Redis became a replica goes on.
# file: Sources/FailoverCore/Address/HoldingRules.swift
# caught by: 59-replicaof-by-hand.txt
s/if evidence\.local\.isReplica \{ return \(\.roleChanged, \.standby\) \}//
