# A second failover is ordered within the minute.
# file: Sources/FailoverCore/Death/DeathMachine.swift
# caught by: D26-orders-once.txt
s/now - orderedAt < Timing\.deathInterval/now - orderedAt < .zero/
