# An early return needs no proof of the last holding.
# file: Sources/FailoverCore/Address/Entitlement.swift
s/kernel\.proof\?\.configEpoch == epoch$/counts.sentinels > 0/
