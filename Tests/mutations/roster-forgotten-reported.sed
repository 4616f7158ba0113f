# What the operator forgot comes back with the next report.
# file: Sources/FailoverCore/Sentinels/SentinelRoster.swift
# caught by: 106-forgotten-by-a-restarted-one.txt
s/count -= list\.entries\.count \{ fate/_ = list.entries.count { fate/
