# A holder that yielded keeps its proof and comes back at once.
# file: Sources/FailoverCore/FailoverMachine+Releasing.swift
s/^    evidence.proof = nil$//
