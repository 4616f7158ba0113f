# One refusing Sentinel carries a blind holder.
# file: Sources/FailoverCore/Address/HoldingRules.swift
# caught by: 56-one-refuses.txt
s/if refusing >= counts.blocking,/if refusing >= 1,/
