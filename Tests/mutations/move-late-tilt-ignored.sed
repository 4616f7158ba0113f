# The Sentinel to be commanded is not asked again behind the closed fence.
# file: Sources/FailoverCore/FailoverMachine+MovePhases.swift
s/\+ findings\(ofInspecting: plan.through, driver, since: since\)//
