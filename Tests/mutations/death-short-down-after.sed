# A short down-after does not matter.
# file: Sources/FailoverCore/Death/DeathRules.swift
s/downAfter < Timing\.minDownAfterForOrders/downAfter < .zero/
