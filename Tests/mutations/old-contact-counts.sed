# Contact from before the selection counts.
# file: Sources/FailoverCore/Address/Entitlement.swift
s/contacts\(since: preparation.since, at: now\)/contacts(at: now)/
