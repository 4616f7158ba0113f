# A kernel lifetime that outlasts the lease is renewed.
# file: Sources/FailoverCore/Address/HoldingRules.swift
s/ \&\& kernelEnds < leaseEnds//
