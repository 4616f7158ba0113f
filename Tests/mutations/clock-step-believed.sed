# The address goes with the step, before anybody is asked.
# file: Sources/FailoverCore/Address/Doubts.swift
s/self\.lease = DoubtedLease\(/_ = DoubtedLease(/
