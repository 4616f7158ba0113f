# A paused group orders a failover.
# file: Sources/FailoverCore/Death/DeathRules.swift
s/if address\.pause != nil/if false/
