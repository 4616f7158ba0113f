# A Sentinel that takes no order is told to fail over.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D33-order-forbidden.txt
s/return \.found\(\.orderForbidden\(id, words\)\)/_ = words/
