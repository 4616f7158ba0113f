# A holder that yielded keeps its proof and comes back at once.
# file: Sources/FailoverCore/Address/AddressMachine.swift
# caught by: 58-newer-claim-vanishes.txt
s/if conduct\.tellSuccessor\(reason, evidence\.panel, \&turn\) \{ kernel\.forgetProof\(\) \}/_ = conduct.tellSuccessor(reason, evidence.panel, \&turn)/
