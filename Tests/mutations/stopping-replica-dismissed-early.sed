# A replica that stops is dismissed while writes still wait for it.
# file: Sources/FailoverCore/Fence/FenceMachine.swift
s/guard needed <= ledger\.goodCount\(maxLagSeconds: policy\.maxLagSeconds\) else \{ return \}/_ = needed/
