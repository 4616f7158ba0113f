# An order that was lost counts as carried out.
# file: Sources/FailoverCore/Fence/FenceMachine.swift
# caught by: F20-order-lost-with-the-connection.txt
s/if problem == \.unreachable \{ inForce = nil \}/if problem == .unreachable { inForce = expected }/
