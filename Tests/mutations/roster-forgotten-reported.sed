# What the operator forgot comes back with the next report.
# file: Sources/FailoverCore/Sentinels/SentinelRoster.swift
s/count -= list\.entries\.count \{ fate/_ = list.entries.count { fate/
