# A holder whose Redis became a replica goes on.
# file: Sources/FailoverCore/Address/HoldingRules.swift
s/if evidence\.local\.isReplica \{ return \(\.roleChanged, \.standby\) \}//
