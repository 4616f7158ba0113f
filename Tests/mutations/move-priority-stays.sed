# The target keeps its lowered priority when the move is over.
# file: Sources/FailoverCore/Moves/MoveTargetMachine.swift
# caught by: M54-driver-silent-nothing-closed.txt
s/let watch, watch.isAlive\(at: now\), watch.offer.prefers/let watch, watch.offer.prefers/
