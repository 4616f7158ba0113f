# The Sentinels are not asked anew for a replica that stops.
# file: Sources/FailoverCore/Fence/FenceMachine.swift
# caught by: F39-replica-stops.txt
/ledger\.recordStop\(of: replica, at: turn\.now\)/{n;d;}
