# A kernel lifetime that outlasts the lease is renewed.
# file: Sources/FailoverCore/FailoverMachine+Kernel.swift
s/ \&\& kernelEnds < leaseEnds//
