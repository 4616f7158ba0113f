# A replica that is about to be stopped counts as good while it is attached.
# file: Sources/FailoverCore/Fence/ReplicaLedger.swift
s/stopSaidAt\(replica\.endpoint\) == nil/true/
