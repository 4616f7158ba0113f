# A failover is ordered although the Sentinels are about to find the master down themselves.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D05-priority.txt
s/min\(Timing\.deathGrace, downAfter - Timing\.orderMargin\)/Timing.deathGrace/
