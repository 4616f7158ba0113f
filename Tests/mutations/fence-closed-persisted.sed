# A closed fence is written to the file.
# file: Sources/FailoverCore/Fence/FenceMachine.swift
s/\{ order\(closed, reason, evidence\.panel, \&turn\) \}$/{ orderLasting(closed, reason, evidence.panel, \&turn) }/
