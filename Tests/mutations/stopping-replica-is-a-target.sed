# A stop of the master goes on while a Sentinel may choose a replica that stops.
# file: Sources/FailoverCore/Moves/MoveRules.swift
s/fence\.ledger\.stopping\(at: now\)\.contains\(replica\)/replica == Endpoint(address: replica.address, port: 0)/
