# A new connection voids what the Sentinel confirmed.
# file: Sources/FailoverCore/Sentinels/SentinelRecord.swift
# caught by: 100-first-configuration-falls-silent.txt
/mutating func connect/,/^  \}/s/^    provenAt = nil$/    pongAt = nil/
