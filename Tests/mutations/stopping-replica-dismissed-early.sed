# A replica that stops is dismissed while writes still wait for it.
# file: Sources/FailoverCore/Fence/FenceMachine.swift
# caught by: F39-replica-stops.txt
s/pending\.isEmpty && needed <= ledger\.goodCount\(maxLagSeconds: policy\.maxLagSeconds\)/needed >= 0/
