# A replica that was not stopped after all is never counted again.
# file: Sources/FailoverCore/Fence/ReplicaLedger.swift
s/\|\| now - entry\.saidAt >= Timing\.replicaStopLimit/|| false/
