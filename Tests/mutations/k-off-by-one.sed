# One Sentinel too few confirms.
# file: Sources/FailoverCore/Sentinels/SentinelCounts.swift
s/sentinels - quorum \+ 1\)/sentinels - quorum)/
