# A failover that is under way does not matter.
# file: Sources/FailoverCore/Death/DeathRules.swift
/refusalOfSentinels/,/^  \}/s/if view\.isFailoverPending/if false/
