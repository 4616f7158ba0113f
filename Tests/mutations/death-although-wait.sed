# on-death wait orders a failover.
# file: Sources/FailoverCore/Death/DeathMachine.swift
# caught by: D02-wait.txt
s/configuration\.deathPolicy == \.failover, address/address/
