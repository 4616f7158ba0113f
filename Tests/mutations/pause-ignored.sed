# A paused node takes.
# file: Sources/FailoverCore/Address/AddressMachine.swift
s/guard pause == nil, let named = entitlement/guard let named = entitlement/
