# A holder that yielded keeps its proof and comes back at once.
# file: Sources/FailoverCore/Address/AddressMachine.swift
s/if conduct\.tellSuccessor\(reason, evidence\.panel, \&turn\) \{ kernel\.forgetProof\(\) \}/_ = conduct.tellSuccessor(reason, evidence.panel, \&turn)/
