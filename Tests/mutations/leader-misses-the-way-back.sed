# A failover back to the master that a leader still has is ordered.
# file: Sources/FailoverCore/Death/DeathRules.swift
s/if let leader = leaderThatWouldMiss\(chosen, offsets\) \{/if let leader = leaderThatWouldMiss(chosen, offsets), leader != leader {/
