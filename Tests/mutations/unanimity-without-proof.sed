# An early return needs no proof of the last holding.
# file: Sources/FailoverCore/Address/Entitlement.swift
# caught by: 02-old-master-side.txt
s/kernel\.proof\?\.configEpoch == epoch$/counts.sentinels > 0/
