# The driver of a move keeps the address for a moment from whomever Sentinel selects.
# file: Sources/FailoverCore/FailoverMachine+MovePhases.swift
s/plan\.closesFence, plan\.target == target,/plan.closesFence,/
