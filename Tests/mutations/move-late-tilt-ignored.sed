# The Sentinel to be commanded is not asked again behind the closed fence.
# file: Sources/FailoverCore/Moves/MoveRules.swift
# caught by: M26-tilt-at-the-last-look.txt
s/\+ findings\(ofInspecting: plan\.through, since: since\)//
