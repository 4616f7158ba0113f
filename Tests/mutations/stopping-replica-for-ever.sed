# A replica that was not stopped after all is never counted again.
# file: Sources/FailoverCore/Fence/ReplicaLedger.swift
# caught by: F39-replica-stops.txt
s/\|\| now - entry\.saidAt >= Timing\.replicaStopLimit/|| false/
