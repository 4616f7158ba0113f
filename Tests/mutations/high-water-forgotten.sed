# A Sentinel after RESET is a majority of itself.
# file: Sources/FailoverCore/Sentinels/SentinelPanel.swift
# caught by: 101-lists-that-differ.txt
s/max\(1, configured, roster\.highWater, /max(1, configured, /
