# A failover that is under way does not matter.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D08-failover-under-way.txt
/refusalOfSentinels/,/^  \}/s/if view\.isFailoverPending/if false/
