# A selected node asks the old holder only once for its word.
# file: Sources/FailoverCore/FailoverMachine+Taking.swift
s/guard now - preparation\.askedAt >= Timing\.questionInterval,/guard now.nanoseconds < 0,/
