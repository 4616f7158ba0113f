# The target arms a silent driver's fence without contact to the Sentinel that may be commanded.
# file: Sources/FailoverCore/Moves/MoveTargetMachine.swift
s/record.runID == offer.through$/true/
