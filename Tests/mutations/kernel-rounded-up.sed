# The kernel lifetime is rounded up.
# file: Sources/FailoverCore/Timing.swift
s/Int\(bound.components.seconds\)\)/Int(bound.components.seconds) + 1)/
