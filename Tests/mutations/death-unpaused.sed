# A paused group orders a failover.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D12-paused.txt
s/if address\.pause != nil/if false/
