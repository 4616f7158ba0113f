# Clients are reset before the selected node has the address.
# file: Sources/FailoverCore/FailoverMachine+Releasing.swift
s/\.handOverSessions\(addresses, to: target\), //
