# Nothing is probed.
# file: Sources/FailoverCore/Address/DuplicateProbe.swift
# caught by: 02-old-master-side.txt
/mutating func requireClean/,/^  \}/s/return false/return true/
