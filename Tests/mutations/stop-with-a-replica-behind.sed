# A stop with a fence does not wait for a replica that lacks writes and could be chosen.
# file: Sources/FailoverCore/Moves/MovePreflight.swift
s/!move\.request\.acceptsLoss \|\| \(move\.request\.acceptsAnyTarget \&\& findingsOfFence\.isEmpty\)/!move.request.acceptsLoss/
