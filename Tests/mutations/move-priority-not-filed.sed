# The restored priority is not written to the file that Sentinel rewrote.
# file: Sources/FailoverCore/Moves/PriorityKeeper.swift
# caught by: M50-target-prefers.txt
s/set\(memory\.original, isLasting: true/set(memory.original, isLasting: false/
