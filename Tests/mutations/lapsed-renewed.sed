# A kernel lifetime that outlasts the lease is renewed.
# file: Sources/FailoverCore/Address/HoldingRules.swift
# caught by: 67-frozen-redis-then-dead-daemon.txt
s/ \&\& kernelEnds < leaseEnds//
