# A provisional holding needs no naming.
# file: Sources/FailoverCore/Address/HoldingRules.swift
s/if now < until \{ return/if now < until + .seconds(60) { return/
