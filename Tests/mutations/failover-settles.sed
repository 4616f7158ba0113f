# A failover under way does not keep a naming from settling.
# file: Sources/FailoverCore/Sentinels/SentinelPanel.swift
# caught by: 53-election-keeps-from-settling.txt
s/&& failoverUnderWay\(at: now\) == nil/\&\& counts.sentinels > 0/
