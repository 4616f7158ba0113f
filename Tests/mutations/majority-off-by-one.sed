# Half of the Sentinels are a majority.
# file: Sources/FailoverCore/Sentinels/SentinelCounts.swift
# caught by: 03-power-off.txt
s/majority = sentinels \/ 2 \+ 1/majority = max(1, sentinels \/ 2)/
