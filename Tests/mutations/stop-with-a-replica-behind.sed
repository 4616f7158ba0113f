# A stop with a fence does not wait for a replica that lacks writes and could be chosen.
# file: Sources/FailoverCore/Moves/MovePreflight.swift
# caught by: M79-a-stop-waits-for-a-replica-that-synchronizes.txt
s/!move\.request\.acceptsLoss \|\| \(move\.request\.acceptsAnyTarget \&\& findingsOfFence\.isEmpty\)/!move.request.acceptsLoss/
