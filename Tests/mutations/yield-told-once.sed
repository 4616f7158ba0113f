# A holder whose Redis is dead tells the node that comes next only once.
# file: Sources/FailoverCore/Address/AddressMachine.swift
# caught by: D01-killed.txt
s/if !kernel\.hasAny \{ conduct\.repeatYield\(yield, evidence, \&turn\) \}/_ = yield/
