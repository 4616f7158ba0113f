# A replica that Sentinel could choose, and that lacks writes, is no hindrance.
# file: Sources/FailoverCore/Moves/MovePreflight.swift
s/if !move\.request\.acceptsLoss, !good\.contains\(other\), /if move.request.acceptsLoss, !good.contains(other), /
