# A replica that has next to nothing is better than nothing.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D49-emptied-beside-an-emptied-one.txt
s/keys >= loss\.replicaKeys - loss\.replicaKeys \/ 10/keys >= 1/
