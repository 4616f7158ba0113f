# An endpoint that was never reached is a Sentinel of its own.
# file: Sources/FailoverCore/Sentinels/SentinelRoster.swift
# caught by: 102-never-reached.txt
s/record\.runID != nil && !isLeftOut\(record\)/!isLeftOut(record)/
