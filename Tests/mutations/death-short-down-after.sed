# A short down-after does not matter.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D14-down-after.txt
s/downAfter < Timing\.minDownAfterForOrders/downAfter < .zero/
