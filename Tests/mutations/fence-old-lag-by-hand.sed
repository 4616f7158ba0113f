# What was armed with another lag counts as set by hand.
# file: Sources/FailoverCore/Fence/FenceMachine.swift
# caught by: F42-another-max-lag.txt
s/lags\.contains\(setting\.maxLagSeconds\)/setting.maxLagSeconds == policy.maxLagSeconds/
