# An order that was lost counts as carried out.
# file: Sources/FailoverCore/Fence/FenceMachine.swift
s/if problem == \.unreachable \{ inForce = nil \}/if problem == .unreachable { inForce = expected }/
