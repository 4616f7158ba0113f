# The target of a dropped newer failover is forgotten at once.
# file: Sources/FailoverCore/Address/Entitlement.swift
s/if panel\.wasAnotherSelected\(above: epoch, at: now\) \{ return nil \}//
