# A provisional holding needs no naming.
# file: Sources/FailoverCore/Address/HoldingRules.swift
# caught by: 42-provisional-never-named.txt
s/if now < until \{ return/if now < until + .seconds(60) { return/
