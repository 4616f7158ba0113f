# A node that became the master a moment ago orders a failover.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D17-promoted-recently.txt
s/now - since < Timing\.deathInterval/now - since < .zero/
