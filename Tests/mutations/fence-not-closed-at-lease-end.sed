# What was let go goes on accepting writes.
# file: Sources/FailoverCore/Fence/FenceMachine.swift
s/^    closure = reason$/    closure = nil; if case .letGo(.kernelExpired) = reason { return }/
