# The Sentinel to be commanded is not asked again behind the closed fence.
# file: Sources/FailoverCore/Moves/MoveRules.swift
s/\+ findings\(ofInspecting: plan\.through, since: since\)//
