# Only the replica that a Sentinel would select now must be a replica for all.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D45-leader-would-miss-it.txt
s/possible\.first\(where: \{ !isReplicaForAll/chosen.first(where: { !isReplicaForAll/
