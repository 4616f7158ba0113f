# A replica that stops during a move is not told so.
# file: Sources/FailoverCore/Fence/ReplicaLedger.swift
s/turn\.order\(\.publish\(\.replicaAwaited\(replica, from: local\), also: replica\)\)/_ = local/
