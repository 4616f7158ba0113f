# A Sentinel that takes no order is told to fail over.
# file: Sources/FailoverCore/Death/DeathRules.swift
s/return \.found\(\.orderForbidden\(id, words\)\)/_ = words/
