# A stop of the master goes on while a Sentinel may choose a replica that stops.
# file: Sources/FailoverCore/Moves/MoveRules.swift
s/fence\.ledger\.isStopping\(replica\)/replica.port == 0/
