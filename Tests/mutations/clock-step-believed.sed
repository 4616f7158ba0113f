# The address goes with the step, before anybody is asked.
# file: Sources/FailoverCore/FailoverMachine+Recording.swift
s/evidence\.doubtedLease = Evidence\.DoubtedLease\(/_ = Evidence.DoubtedLease(/
