# A failover under way does not keep a naming from settling.
# file: Sources/FailoverCore/Evidence+Settling.swift
s/&& failoverUnderWay\(at: now\) == nil/\&\& counts.sentinels > 0/
