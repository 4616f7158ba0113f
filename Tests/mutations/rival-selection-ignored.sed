# The fast path is open beside another selection in the same epoch.
# file: Sources/FailoverCore/FailoverMachine+Taking.swift
s/!evidence.isAnotherSelected\(from: epoch\), //
