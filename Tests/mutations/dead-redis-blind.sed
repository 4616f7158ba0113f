# A blind holder with a dead Redis goes on.
# file: Sources/FailoverCore/Address/HoldingRules.swift
s/refusing >= counts\.blocking, evidence\.local\.answers\(at: now\) \{/refusing >= counts.blocking {/
