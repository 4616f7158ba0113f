# The restored priority is not written to the file that Sentinel rewrote.
# file: Sources/FailoverCore/FailoverMachine+MoveTarget.swift
s/set\(priority: memory.original, isLasting: true/set(priority: memory.original, isLasting: false/
