# Only the replica that a Sentinel would select now must be a replica for all.
# file: Sources/FailoverCore/Death/DeathRules.swift
s/possible\.first\(where: \{ !isReplicaForAll/chosen.first(where: { !isReplicaForAll/
