# Clients are reset before the selected node has the address.
# file: Sources/FailoverCore/Address/KernelLease.swift
# caught by: 08-planned-failover-holder.txt
s/\.handOverSessions\(addresses, to: target\), //
