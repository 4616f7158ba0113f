# A majority that runs no failover is taken for all Sentinels.
# file: Sources/FailoverCore/Sentinels/SentinelPanel.swift
s/return denying >= counts\.sentinels/return denying >= counts.majority/
