# Ctrl-C undoes a move whose replica was selected.
# file: Sources/FailoverCore/Moves/MoveMachine.swift
# caught by: M21-cancelled.txt
s/move\.request\.id == id, move\.phase < \.yielding else/move.request.id == id else/
