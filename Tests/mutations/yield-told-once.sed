# A holder whose Redis is dead tells the node that comes next only once.
# file: Sources/FailoverCore/Address/AddressMachine.swift
s/if !kernel\.hasAny \{ conduct\.repeatYield\(yield, evidence, \&turn\) \}/_ = yield/
