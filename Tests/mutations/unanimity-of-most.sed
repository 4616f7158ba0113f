# All but one Sentinel suffice for an early return.
# file: Sources/FailoverCore/Sentinels/SentinelPanel.swift
# caught by: 66-not-unanimous.txt
s/return agreeing == counts.sentinels/return agreeing + 1 >= counts.sentinels/
