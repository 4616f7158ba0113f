# A master that nobody promoted is left alone like one that is about to be named.
# file: Sources/FailoverCore/FailoverMachine+Fencing.swift
s/return !evidence\.isPromotionDenied\(counts, since: flip\.at, at: now\)/return true/
