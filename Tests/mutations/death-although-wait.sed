# on-death wait orders a failover.
# file: Sources/FailoverCore/Death/DeathMachine.swift
s/configuration\.deathPolicy == \.failover, address/address/
