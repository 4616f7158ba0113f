# Sessions of a released address are left.
# file: Sources/FailoverCore/Address/KernelLease.swift
# caught by: 02-old-master-side.txt
/mutating func end/,/^  \}/s/\.endSessions\(addresses\), //
