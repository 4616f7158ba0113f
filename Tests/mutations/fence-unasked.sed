# A master is demoted without asking the named node.
# file: Sources/FailoverCore/Fence/FenceMachine.swift
# caught by: F06-planned-failover.txt
s/guard successor\.requireMaster\(named, \&turn\) else \{ return \}//
