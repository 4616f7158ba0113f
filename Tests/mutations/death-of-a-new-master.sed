# A node that became the master a moment ago orders a failover.
# file: Sources/FailoverCore/Death/DeathRules.swift
s/now - since < Timing\.deathInterval/now - since < .zero/
