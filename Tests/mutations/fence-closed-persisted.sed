# A closed fence is written to the file.
# file: Sources/FailoverCore/Fence/FenceMachine.swift
# caught by: D37-during-a-closed-move.txt
s/\{ order\(closed, reason, evidence\.panel, \&turn\) \}$/{ orderLasting(closed, reason, evidence.panel, \&turn) }/
