# The target of a dropped newer failover is forgotten at once.
# file: Sources/FailoverCore/Address/Entitlement.swift
# caught by: 61-named-while-another-is-selected.txt
s/if panel\.wasAnotherSelected\(above: epoch, at: now\) \{ return nil \}//
