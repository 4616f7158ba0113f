# A replica that Sentinel could choose, and that lacks writes, is no hindrance.
# file: Sources/FailoverCore/Moves/MovePreflight.swift
s/else if !move\.request\.acceptsLoss, !good\.contains\(other\) /else if move.request.acceptsLoss, !good.contains(other) /
