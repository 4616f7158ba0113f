# Only the target of a stop must be a replica for all.
# file: Sources/FailoverCore/Moves/MoveRules.swift
# caught by: M74-another-seen-as-master.txt
s/targets \+= view\.preferred\.map\(\\\.endpoint\)/_ = view/
