# An early return needs no proof of the last holding.
# file: Sources/FailoverCore/FailoverMachine+Taking.swift
s/evidence.proof\?\.configEpoch == epoch$/counts.sentinels > 0/
