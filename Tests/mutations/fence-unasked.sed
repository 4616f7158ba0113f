# A master is demoted without asking the named node.
# file: Sources/FailoverCore/Fence/FenceMachine.swift
s/guard successor\.requireMaster\(named, \&turn\) else \{ return \}//
