# Sessions of a released address are left.
# file: Sources/FailoverCore/Address/KernelLease.swift
/mutating func end/,/^  \}/s/\.endSessions\(addresses\), //
