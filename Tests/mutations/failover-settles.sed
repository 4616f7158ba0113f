# A failover under way does not keep a naming from settling.
# file: Sources/FailoverCore/Sentinels/SentinelPanel.swift
s/&& failoverUnderWay\(at: now\) == nil/\&\& counts.sentinels > 0/
