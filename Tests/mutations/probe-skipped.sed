# Nothing is probed.
# file: Sources/FailoverCore/FailoverMachine+Releasing.swift
/mutating func isUnclaimed/,/^  \}/s/return false/return true/
