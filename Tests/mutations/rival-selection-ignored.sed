# The fast path is open beside another selection in the same epoch.
# file: Sources/FailoverCore/Address/Entitlement.swift
s/!panel\.isAnotherSelected\(from: epoch\), //
