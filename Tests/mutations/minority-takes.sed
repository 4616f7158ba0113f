# A minority that names this node suffices.
# file: Sources/FailoverCore/FailoverMachine+Taking.swift
s/guard by >= counts.majority, let title/guard by >= 1, let title/
