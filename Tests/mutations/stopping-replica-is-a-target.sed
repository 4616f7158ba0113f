# A stop of the master goes on while a Sentinel may choose a replica that stops.
# file: Sources/FailoverCore/Moves/MoveRules.swift
# caught by: M78-refused-beside-a-replica-that-stops.txt
s/fence\.ledger\.isStopping\(replica\)/replica.port == 0/
