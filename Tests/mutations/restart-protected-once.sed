# Only the first time that a master comes back with less keeps the fence from doing without its replicas.
# file: Sources/FailoverCore/Death/DeathMachine.swift
# caught by: D32-emptied-twice.txt
s/\(emptied, emptiedUntil\) = \(nil, nil\) \}/emptied = nil }/
