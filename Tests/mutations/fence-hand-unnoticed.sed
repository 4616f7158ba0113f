# A change by hand is not noticed.
# file: Sources/FailoverCore/Fence/FenceMachine.swift
# caught by: F17-changed-by-hand.txt
s/guard setting != before, !isOurs\(setting, kept\) else/guard setting != before, !isOurs(setting, kept), turn.now.nanoseconds < 0 else/
