# A majority that runs no failover is taken for all Sentinels.
# file: Sources/FailoverCore/Evidence+Settling.swift
s/return denying >= counts\.sentinels/return denying >= counts.majority/
