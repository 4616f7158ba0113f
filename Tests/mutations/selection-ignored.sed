# A holder does not yield to a selected node.
# file: Sources/FailoverCore/Address/HoldingRules.swift
s/now - selection.seenAt < Timing.yieldLifetime/now - selection.seenAt < .zero/
