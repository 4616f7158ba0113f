# A clock that was stepped ahead is doubted as long as the old lease lasts.
# file: Sources/FailoverCore/Address/Doubts.swift
# caught by: 86-clock-stepped-cut.txt
s/var ends: Instant \{ min\(lease, patience\) \}/var ends: Instant { lease }/
