# One refusing Sentinel carries a blind holder.
# file: Sources/FailoverCore/FailoverMachine+Holding.swift
s/if refusing >= counts.blocking,/if refusing >= 1,/
