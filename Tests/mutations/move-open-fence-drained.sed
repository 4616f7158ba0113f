# A fence that somebody opened while a move counted on it is not noticed.
# file: Sources/FailoverCore/Moves/MoveMachine.swift
/func watchClosure/,/^  \}/s/progress\?\.recordBreak\(\)/_ = progress/
