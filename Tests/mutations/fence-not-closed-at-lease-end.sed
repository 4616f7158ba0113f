# What was let go goes on accepting writes.
# file: Sources/FailoverCore/FailoverMachine+Fencing.swift
s/^    fence\.closure = reason$/    fence.closure = nil; if case .letGo(.kernelExpired) = reason { return }/
