# The fast path needs no contact with a majority.
# file: Sources/FailoverCore/FailoverMachine+Taking.swift
s/guard evidence.contacts\(since: preparation.since, at: now\) >= counts.majority,/guard counts.majority > 0,/
