# Only the target of a stop must be a replica for all.
# file: Sources/FailoverCore/Moves/MoveRules.swift
s/targets \+= view\.preferred\.map\(\\\.endpoint\)/_ = view/
