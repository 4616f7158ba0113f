# A fence that somebody opened while a move counted on it is not noticed.
# file: Sources/FailoverCore/Moves/MoveMachine.swift
# caught by: M65-opened-by-hand-after-the-order.txt
/func watchClosure/,/^  \}/s/progress\?\.recordBreak\(\)/_ = progress/
