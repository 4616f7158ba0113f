# A provisional holding needs no naming.
# file: Sources/FailoverCore/FailoverMachine+Holding.swift
s/if now < until \{ return/if now < until + .seconds(60) { return/
