# What was let go goes on accepting writes.
# file: Sources/FailoverCore/Fence/FenceMachine.swift
# caught by: F05-half-cut-master-stays-armed.txt
s/^    closure = reason$/    closure = nil; if case .letGo(.kernelExpired) = reason { return }/
