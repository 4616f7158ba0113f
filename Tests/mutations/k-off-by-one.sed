# One Sentinel too few confirms.
# file: Sources/FailoverCore/Sentinels/SentinelCounts.swift
# caught by: 25-quorum-below-majority.txt
s/sentinels - quorum \+ 1\)/sentinels - quorum)/
