# A holder does not yield to a selected node.
# file: Sources/FailoverCore/Address/HoldingRules.swift
# caught by: 08-planned-failover-holder.txt
s/now - selection.seenAt < Timing.yieldLifetime/now - selection.seenAt < .zero/
