# The Sentinels are not asked anew for a replica that stops.
# file: Sources/FailoverCore/Fence/FenceMachine.swift
/ledger\.recordStop\(of: replica, at: turn\.now\)/{n;d;}
