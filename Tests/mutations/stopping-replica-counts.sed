# A replica that is about to be stopped counts as good while it is attached.
# file: Sources/FailoverCore/Fence/ReplicaLedger.swift
# caught by: F39-replica-stops.txt
s/stopSaidAt\(replica\.endpoint\) == nil/true/
