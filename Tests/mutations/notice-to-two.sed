# A yield notice is given to two at once.
# file: Sources/FailoverCore/Address/Conduct.swift
s/grant.target != target,$/grant.target != target, turn.now.nanoseconds < 0,/
