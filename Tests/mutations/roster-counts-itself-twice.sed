# A Sentinel that lists itself counts twice.
# file: Sources/FailoverCore/Sentinels/SentinelRoster.swift
# caught by: 104-lists-itself.txt
s/count -= list\.count - list\.entries\.count/_ = list.count - list.entries.count/
