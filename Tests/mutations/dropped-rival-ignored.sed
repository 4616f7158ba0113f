# The target of a dropped newer failover is forgotten at once.
# file: Sources/FailoverCore/FailoverMachine+Taking.swift
s/if evidence.wasAnotherSelected\(above: epoch, at: now\) \{ return nil \}//
