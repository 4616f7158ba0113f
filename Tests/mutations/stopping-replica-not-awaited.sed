# A replica that stops during a move is not told so.
# file: Sources/FailoverCore/Fence/ReplicaLedger.swift
# caught by: D53-a-replica-stops-after-the-order.txt
s/turn\.order\(\.publish\(\.replicaAwaited\(replica, from: local\), also: replica\)\)/_ = local/
