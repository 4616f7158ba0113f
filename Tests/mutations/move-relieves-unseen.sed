# The target arms a silent driver's fence without contact to the Sentinel that may be commanded.
# file: Sources/FailoverCore/Moves/MoveTargetMachine.swift
# caught by: M57-driver-silent-commanded-sentinel-dark.txt
s/record.runID == offer.through$/true/
