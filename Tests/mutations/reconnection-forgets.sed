# A new connection voids what the Sentinel confirmed.
# file: Sources/FailoverCore/Evidence+Recording.swift
s/^    sentinels\[place\].provenAt = nil$/    sentinels[place].pongAt = nil/
