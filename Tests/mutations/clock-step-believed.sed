# The address goes with the step, before anybody is asked.
# file: Sources/FailoverCore/Address/Doubts.swift
# caught by: 20-clock-jump.txt
s/self\.lease = DoubtedLease\(/_ = DoubtedLease(/
