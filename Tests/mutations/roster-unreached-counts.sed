# An endpoint that was never reached is a Sentinel of its own.
# file: Sources/FailoverCore/Sentinels/SentinelRoster.swift
s/record\.runID != nil && !isLeftOut\(record\)/!isLeftOut(record)/
