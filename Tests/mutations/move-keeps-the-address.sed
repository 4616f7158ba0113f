# The driver of a move lets go of the address only when another is named.
# file: Sources/FailoverCore/FailoverMachine+MovePhases.swift
s/case \.yielding: return now - driver\.phaseSince < Timing\.handOverDelay/case .yielding: return true/
