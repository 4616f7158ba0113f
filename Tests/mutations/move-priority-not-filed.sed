# The restored priority is not written to the file that Sentinel rewrote.
# file: Sources/FailoverCore/Moves/PriorityKeeper.swift
s/set\(memory\.original, isLasting: true/set(memory.original, isLasting: false/
