# A yield notice is given to two at once.
# file: Sources/FailoverCore/FailoverMachine+Releasing.swift
s/grant.target != target,$/grant.target != target, now.nanoseconds < 0,/
