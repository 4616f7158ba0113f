# A second failover is ordered within the minute.
# file: Sources/FailoverCore/Death/DeathMachine.swift
s/now - orderedAt < Timing\.deathInterval/now - orderedAt < .zero/
