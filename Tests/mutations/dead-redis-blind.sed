# A blind holder with a dead Redis goes on.
# file: Sources/FailoverCore/Address/HoldingRules.swift
# caught by: 51-all-refused-and-redis-dead.txt
s/refusing >= counts\.blocking, evidence\.local\.answers\(at: now\) \{/refusing >= counts.blocking {/
