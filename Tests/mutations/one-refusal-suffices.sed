# One refusing Sentinel carries a blind holder.
# file: Sources/FailoverCore/Address/HoldingRules.swift
s/if refusing >= counts.blocking,/if refusing >= 1,/
