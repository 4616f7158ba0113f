# A replica that has next to nothing is better than nothing.
# file: Sources/FailoverCore/Death/DeathRules.swift
s/keys >= loss\.replicaKeys - loss\.replicaKeys \/ 10/keys >= 1/
