# A majority that runs no failover is taken for all Sentinels.
# file: Sources/FailoverCore/Sentinels/SentinelPanel.swift
# caught by: F26-promoted-master-is-left-alone.txt
s/return denying >= counts\.sentinels/return denying >= counts.majority/
