# Clients are reset before the selected node has the address.
# file: Sources/FailoverCore/Address/KernelLease.swift
s/\.handOverSessions\(addresses, to: target\), //
