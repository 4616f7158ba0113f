# The kernel lifetime is rounded up.
# file: Sources/FailoverCore/Timing.swift
# caught by: 02-old-master-side.txt
s/Int\(bound.components.seconds\)\)/Int(bound.components.seconds) + 1)/
