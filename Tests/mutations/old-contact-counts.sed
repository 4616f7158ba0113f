# Contact from before the selection counts.
# file: Sources/FailoverCore/FailoverMachine+Taking.swift
s/contacts\(since: preparation.since, at: now\)/contacts(at: now)/
