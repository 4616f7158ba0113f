# An order that was lost counts as carried out.
# file: Sources/FailoverCore/FailoverMachine+FenceOrders.swift
s/if problem == \.unreachable \{ fence\.inForce = nil \}/if problem == .unreachable { fence.inForce = fence.expected }/
