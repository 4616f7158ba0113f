# A target that says that it is a master is no reason to keep the fence closed.
# file: Sources/FailoverCore/Moves/MoveRules.swift
# caught by: M13-sentinel-refuses.txt
s/ \&\& !mayBePromoted\(since: start\)//
