# Half of the Sentinels are a majority.
# file: Sources/FailoverCore/Sentinels/SentinelCounts.swift
s/majority = sentinels \/ 2 \+ 1/majority = max(1, sentinels \/ 2)/
