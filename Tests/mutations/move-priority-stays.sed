# The target keeps its lowered priority when the move is over.
# file: Sources/FailoverCore/Moves/MoveTargetMachine.swift
s/let watch, watch.isAlive\(at: now\), watch.offer.prefers/let watch, watch.offer.prefers/
