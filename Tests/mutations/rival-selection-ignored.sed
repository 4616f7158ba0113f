# The fast path is open beside another selection in the same epoch.
# file: Sources/FailoverCore/Address/Entitlement.swift
# caught by: 48-another-selected-in-one-epoch.txt
s/!panel\.isAnotherSelected\(from: epoch\), //
