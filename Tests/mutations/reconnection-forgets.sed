# A new connection voids what the Sentinel confirmed.
# file: Sources/FailoverCore/Sentinels/SentinelRecord.swift
/mutating func connect/,/^  \}/s/^    provenAt = nil$/    pongAt = nil/
