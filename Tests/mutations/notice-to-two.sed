# A yield notice is given to two at once.
# file: Sources/FailoverCore/Address/Conduct.swift
# caught by: 47-two-forced-in-one-epoch.txt
s/grant.target != target,$/grant.target != target, turn.now.nanoseconds < 0,/
