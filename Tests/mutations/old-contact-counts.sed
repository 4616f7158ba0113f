# Contact from before the selection counts.
# file: Sources/FailoverCore/Address/Entitlement.swift
# caught by: 60-contact-older-than-the-selection.txt
s/contacts\(since: preparation.since, at: now\)/contacts(at: now)/
